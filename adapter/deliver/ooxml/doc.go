// Package ooxml writes word processor documents (.docx): it fills templates that a
// clerk edits in Word, and builds documents from nothing.
//
// A template is an ordinary .docx with placeholders:
//
//	{{so}}                       a value
//	{{hs.ma}}                    a field of a list's item; the table row it stands in is repeated for each item
//	{{#neu_x}} … {{/neu_x}}      text, paragraphs or rows that stand only where the condition holds
//	{{^neu_x}} … {{/neu_x}}      … only where it does not
//	{{#hs}} … {{/hs}}            paragraphs repeated for each item of a list
//
// Word keeps a paragraph in runs and splits them wherever it likes, also within a
// placeholder; a placeholder takes the format of the run in which it begins. What a
// placeholder may be called is the caller's Vocabulary; anything else is an error
// when the template is loaded, not a letter with a hole.
//
// The same template and data give the same bytes. Templates come from people, so
// size, depth and number of parts are bounded and document type definitions refused.
//
// The package knows nothing of dossiers or letters: packages letter and report do.
package ooxml
