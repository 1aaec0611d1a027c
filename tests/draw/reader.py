"""Someone in front of a page."""

from contextlib import contextmanager

from browser import written


class Reader:
    """What they see and do, in a browser."""

    def __init__(self, browser, folder):
        self.browser, self.folder = browser, folder

    def open(self, layouts, data):
        return self.go(written(self.folder, layouts, data))

    def go(self, address):
        """To an address, until the page there is ready."""
        from selenium.webdriver.support.wait import WebDriverWait

        self.browser.get("about:blank")
        self.browser.get(address)
        ready = "return document.documentElement.dataset.ready"
        WebDriverWait(self.browser, 20, 0.02).until(lambda browser: browser.execute_script(ready))
        return self

    def find(self, selector):
        return self.browser.find_element("css selector", selector)

    def count(self, selector):
        """How many of them can be seen."""
        return self.browser.execute_script(
            "const seen = (found) => getComputedStyle(found).display != 'none';"
            "return [...document.querySelectorAll(arguments[0])].filter(seen).length",
            selector,
        )

    def text(self, selector):
        return self.browser.execute_script(
            "const found = document.querySelector(arguments[0]); return found.innerText ?? found.textContent", selector
        )

    def click(self, selector):
        from selenium.webdriver import ActionChains

        ActionChains(self.browser).move_to_element(self.find(selector)).click().perform()

    def hover(self, selector):
        from selenium.webdriver import ActionChains

        ActionChains(self.browser).move_to_element(self.find(selector)).perform()

    def press(self, *keys):
        from selenium.webdriver import ActionChains, Keys

        for key in keys:
            ActionChains(self.browser).send_keys(getattr(Keys, key, key)).perform()

    def slide(self, selector, value):
        self.browser.execute_script(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
            self.find(selector),
            value,
        )

    def choose(self, selector, words):
        from selenium.webdriver.support.select import Select

        Select(self.find(selector)).select_by_visible_text(words)

    def colour(self, selector, property="fill"):
        return self.find(selector).value_of_css_property(property)

    @property
    def focused(self):
        return self.browser.switch_to.active_element.get_attribute("id")

    def place(self, id):
        return self.browser.execute_script("return document.getElementById(arguments[0]).getBoundingClientRect()", id)

    def places(self, selector):
        """Where those are that can be seen."""
        return self.browser.execute_script(
            "const found = [...document.querySelectorAll(arguments[0])];"
            "const places = found.map((it) => it.getBoundingClientRect().toJSON());"
            "return places.filter((place) => place.width)",
            selector,
        )

    def toggle(self, scope):
        """A click on a scope that may be out of view."""
        self.browser.execute_script(
            "const seen = [...document.querySelectorAll(arguments[0])].find((it) => it.getBoundingClientRect().width);"
            "seen.dispatchEvent(new MouseEvent('click', {bubbles: true}))",
            f"#{scope} text, #{scope}-folded",
        )

    @contextmanager
    def resized(self, width, height):
        before = self.browser.get_window_size()
        self.browser.set_window_size(width, height)
        self.browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
        yield
        self.browser.set_window_size(before["width"], before["height"])
