package browsertest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// do takes steps, one after the other.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := b.limited()
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("on %s: %v", b.at(), err)
	}
}

// send sends a command of the protocol.
func send[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	ctx, cancel := b.limited()
	defer cancel()
	if _, err := chromedp.Call(ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

// ask evaluates a script in the page.
func ask[T any](b *tab, script string, options ...chromedp.EvaluateOption) T {
	b.t.Helper()
	ctx, cancel := b.limited()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, options...))
	if err != nil {
		b.t.Fatalf("on %s: %.100s: %v", b.at(), script, err)
	}
	return value
}

// at is the page's path and query; for messages "?" where it cannot be told.
func (b *tab) at() string {
	ctx, cancel := b.limited()
	defer cancel()
	address, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return "?"
	}
	return strings.TrimPrefix(address, b.chrome.site)
}

// query is a parameter of the page's address.
func (b *tab) query(name string) string {
	b.t.Helper()
	u, err := url.Parse(b.at())
	if err != nil {
		b.t.Fatal(err)
	}
	return u.Query().Get(name)
}

// get goes to an address that is answered with a status.
func (b *tab) get(path string, status int64) {
	b.t.Helper()
	ctx, cancel := b.limited()
	defer cancel()
	response, err := chromedp.Run(ctx, chromedp.NavigateResponse(b.chrome.site+path))
	if err != nil {
		b.t.Fatalf("%s: %v", path, err)
	}
	b.answered(response.URL, response.Status, status)
}

// press clicks on something that leads to another page, answered with a status.
func (b *tab) press(selector string, status int64) {
	b.t.Helper()
	b.leads(chromedp.Click(chromedp.CSS(selector)), selector, status)
}

// leads takes a step that leads to another page.
func (b *tab) leads(step chromedp.Action[chromedp.Void], what string, status int64) {
	b.t.Helper()
	ctx, cancel := b.limited()
	defer cancel()
	response, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		b.t.Fatalf("on %s: %s: %v", b.at(), what, err)
	}
	b.answered(response.URL, response.Status, status)
}

func (b *tab) answered(address string, status, want int64) {
	b.t.Helper()
	if status != want {
		b.t.Fatalf("%s: answered %d, want %d: %s", address, status, want, b.text("main"))
	}
	if want >= http.StatusBadRequest {
		b.forgive(address)
	}
}

// write types into a field.
func (b *tab) write(selector, text string) {
	b.t.Helper()
	ask[chromedp.Void](b, fmt.Sprintf(`document.querySelector(%q).value = ""`, selector))
	b.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// choose chooses an option, as somebody does in the list that opens.
func (b *tab) choose(selector, value string) {
	b.t.Helper()
	chosen := ask[string](b, fmt.Sprintf(`(() => { const s = document.querySelector(%q); s.value = %q; s.dispatchEvent(new Event("change", {bubbles: true})); return s.value; })()`, selector, value))
	if chosen != value {
		b.t.Fatalf("on %s: %s has no option %q", b.at(), selector, value)
	}
}

// text is what can be read there.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return strings.Join(strings.Fields(ask[string](b, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector))), " ")
}

// texts is what can be read in each of several.
func (b *tab) texts(selector string) []string {
	b.t.Helper()
	return ask[[]string](b, fmt.Sprintf(`Array.from(document.querySelectorAll(%q), (e) => e.innerText.trim().replace(/\s+/g, " "))`, selector))
}

// count is how many there are.
func (b *tab) count(selector string) int {
	b.t.Helper()
	return ask[int](b, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
}

// says fails the test unless all of this can be read there.
func (b *tab) says(selector string, wanted ...string) {
	b.t.Helper()
	text := b.text(selector)
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			b.t.Errorf("on %s: %s does not say %q: %s", b.at(), selector, want, text)
		}
	}
}

// silent fails the test if any of this can be read there.
func (b *tab) silent(selector string, unwanted ...string) {
	b.t.Helper()
	text := b.text(selector)
	for _, one := range unwanted {
		if strings.Contains(text, one) {
			b.t.Errorf("on %s: %s says %q: %s", b.at(), selector, one, text)
		}
	}
}

// until loads a page anew until a condition holds there.
func (b *tab) until(path, what string, condition func() error) {
	b.t.Helper()
	within(b.t, what, func() error {
		b.get(path, http.StatusOK)
		return condition()
	})
}

// settled waits until a condition holds in the page as it stands.
func (b *tab) settled(what, script string) {
	b.t.Helper()
	within(b.t, what, func() error {
		if !ask[bool](b, script) {
			return fmt.Errorf("not %s on %s", script, b.at())
		}
		return nil
	})
}

// signIn signs somebody in with a first password, and changes that.
func (b *tab) signIn(name, first string) {
	b.t.Helper()
	b.get("/login", http.StatusOK)
	b.enter(name, first)
	if at := b.at(); !strings.HasPrefix(at, "/password") {
		b.t.Fatalf("after the first sign-in %s stands at %s", name, at)
	}
	b.changePassword(first, later(name))
}

// later is the password that somebody chooses.
func later(name string) string { return "mật khẩu dài của " + name }

// enter fills in the sign-in form.
func (b *tab) enter(name, password string) {
	b.t.Helper()
	b.write("#name", name)
	b.write("#password", password)
	b.press(`form[action="/login"] button`, http.StatusOK)
}

func (b *tab) changePassword(old, wanted string) {
	b.t.Helper()
	b.write("#old", old)
	b.write("#new", wanted)
	b.write("#again", wanted)
	b.press(`form[action="/password"] button`, http.StatusOK)
}

// signOut signs out by the menu.
func (b *tab) signOut() {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS("details.menu summary")))
	b.press(`form[action="/logout"] button`, http.StatusOK)
	if at := b.at(); !strings.HasPrefix(at, "/login") {
		b.t.Errorf("after signing out the page is %s", at)
	}
	b.says(".flash", "Đã đăng xuất.")
	b.get("/discrepancies", http.StatusOK)
	if at := b.at(); !strings.HasPrefix(at, "/login") {
		b.t.Errorf("without a session the list leads to %s", at)
	}
}

// number reads a figure as the pages write it, in Vietnamese.
func (b *tab) number(text string) int {
	b.t.Helper()
	n, err := strconv.Atoi(strings.ReplaceAll(text, ".", ""))
	if err != nil {
		b.t.Fatalf("on %s: %v", b.at(), err)
	}
	return n
}

// day reads a day as the pages write it.
func (b *tab) day(text string) time.Time {
	b.t.Helper()
	day, err := time.Parse("02/01/2006", text)
	if err != nil {
		b.t.Fatalf("on %s: %v", b.at(), err)
	}
	return day
}
