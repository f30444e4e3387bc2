module github.com/doisoat/doisoat/cmd/bench

go 1.26.0

replace github.com/doisoat/doisoat => ../..
