"""The walk through the passes tells what flows and how it adds up, and the page can be used by everyone."""

from pathlib import Path
from statistics import median

import numpy as np
import pytest
from browser import moons, transformer
from reading import facts

from autograd_nn import Tensor
from autograd_nn.draw import draw, film
from autograd_nn.draw.folding import grouped, shortened
from autograd_nn.draw.page import page_data
from autograd_nn.graph.facts import observe

MINUS = "\N{MINUS SIGN}"


def curve(a):
    return a * 3.0 + np.sin(a) * 10


def flowing(f, *inputs):
    """What the page knows of each edge that carries something: {(child's label, argument): flow}."""
    data = facts(draw(f, *inputs).html())
    labels = {node["id"]: node["label"] for node in data["nodes"]}
    flows = data["frames"][0]["flows"]
    return {(labels[e["child"]], e["argument"]): flows[e["id"]] for e in data["edges"] if e["id"] in flows}


@pytest.fixture
def show(reader):
    """The reader in front of the page of a drawing, after so many steps."""

    def show(drawing, step=0):
        path = Path(drawing.save(reader.folder / "drawing.html"))
        return reader.go(f"{path.as_uri()}#step={step}")

    return show


# What the page knows


def test_the_page_knows_what_flows_along_each_edge():
    found = flowing(lambda a: a * 3.0 + np.sin(a), 2.0)
    assert found["sin", "a"]["total"]["text"] == "-0.4161"
    assert (found["sin", "a"]["slope"], found["sin", "a"]["factor"]) == ("cos(2)", "-0.4161")
    assert found["multiply", "a"] == {
        "number": 2,
        "contribution": {"text": "3", "rms": 3.0},
        "slope": "3",
        "factor": "3",
    }


def test_a_single_contribution_is_not_said_twice():
    assert flowing(np.exp, np.ones(20))["exp", "a"] == {"slope": "y"}


def test_what_flows_to_nodes_that_are_left_out_is_left_out():
    def chain(a):
        for _ in range(50):
            a = np.sin(a)
        return a

    seen = observe(chain, 1.0)
    data = page_data(seen, shortened(grouped(seen.graph), 4))
    assert {edge["argument"] for edge in data["edges"] if edge["id"] in data["frames"][0]["flows"]} == {"a"}


def test_a_lambda_is_called_by_what_it_is_a_function_of():
    assert facts(draw(lambda a, b: a * b, 1.0, 2.0).html())["title"] == "function of a and b"


# The walk


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (2, "forward 2 of 5: n1 = multiply(a, 3)"),
        (
            6,
            "backward 1 of 5: n4 = add(n1, n3) is the result, and starts from 1; passes it on to n1, its whole ",
        ),
        (7, "backward 2 of 5: n3 = multiply(n2, 10) receives 1; multiplies it by 10 and hands 10 to n2"),
        (
            8,
            f"backward 3 of 5: n2 = sin(a) receives 10; multiplies it by cos(2) = {MINUS}0.4161 and hands "
            f"{MINUS}4.161 to a: a now holds {MINUS}4.161 so far",
        ),
        (
            9,
            f"backward 4 of 5: n1 = multiply(a, 3) receives 1; multiplies it by 3 and hands 3 to a: a now holds "
            f"{MINUS}1.161 = {MINUS}4.161 + 3, its gradient",
        ),
        (10, f"backward 5 of 5: n0 is the input a: its gradient is {MINUS}1.161"),
    ],
)
def test_the_walk_says_what_each_node_receives_and_hands_on(show, step, says):
    assert show(draw(curve, 2.0), step).text("#says").startswith(says)


def test_of_an_array_the_walk_says_the_norm(show):
    rng = np.random.default_rng(0)
    X, W = rng.normal(size=(20, 3)), rng.normal(size=(3, 4))
    says = show(draw(lambda X, W: np.sum(np.tanh(X @ W)), X, W), 5 + 3).text("#says")
    g = 1 / np.cosh(X @ W) ** 2
    assert f" receives an array of norm {np.linalg.norm(g):.3g} " in says
    assert f"; hands an array of norm {np.linalg.norm(g @ W.T):.3g} to X, its whole gradient; " in says
    assert says.endswith(f"hands an array of norm {np.linalg.norm(X.T @ g):.3g} to W, its whole gradient")


def test_what_an_array_is_multiplied_by_is_said_with_the_names_of_the_operands(show):
    says = show(draw(lambda a, b: np.sum(np.sin(a) * b), np.ones(20), np.arange(20.0)), 5 + 2).text("#says")
    assert (
        "; multiplies it by b and hands an array of norm 49.7 to n2, its whole gradient; multiplies it by n2 and hands "
        in says
    )


def test_a_number_among_the_operands_of_an_array_is_said_as_it_is(show):
    says = show(draw(lambda a: np.sum(a * 3.0), np.ones(4)), 3 + 2).text("#says")
    assert says.endswith("receives [1, 1, 1, 1]; multiplies it by 3 and hands [3, 3, 3, 3] to a, its whole gradient")


def test_a_result_that_others_use_starts_from_its_own(show):
    a = Tensor(2.0, requires_grad=True, name="a")
    b = a * 3.0
    says = show(draw([b, b * 5.0]), 3 + 1).text("#says")
    assert says.endswith("hands 5 to n1: n1 now holds 6, with what it starts from as a result, its gradient")


def test_of_what_is_empty_no_norm_is_said(show):
    says = show(draw(lambda a: np.sum(a[:0]), np.ones(3)), 3 + 1).text("#says")
    assert says.endswith("hands no elements to n1, its whole gradient")


def test_what_is_summed_because_it_was_repeated_is_said_to_be(show):
    says = show(draw(lambda a, b: np.sum(a + b), np.ones((20, 2)), np.ones(2)), 4 + 2).text("#says")
    summed = "sums it over what was repeated and hands [20, 20] to b, its whole gradient"
    assert says.endswith(f"; passes it on to a, its whole gradient; {summed}")


def test_each_node_shows_the_sum_so_far(show):
    reader = show(draw(curve, 2.0), 7)
    seen = []
    for _ in range(3):
        seen.append(reader.text("#n0 .spark.gradient"))
        reader.press("ARROW_RIGHT")
    assert seen == ["", "-4.161", "-1.161"]


def test_each_edge_shows_what_it_carries(show):
    reader = show(draw(curve, 2.0), 10)
    numbers = [text.text for text in reader.browser.find_elements("css selector", ".flows text")]
    assert sorted(numbers) == sorted(["1", "1", "10", "3", f"{MINUS}4.161"])


def test_in_the_forward_pass_there_are_no_gradients_yet(show):
    reader = show(draw(curve, 2.0), 5)
    assert reader.count(".flows text") == 0
    assert "Gradient" not in reader.text("#details")


def test_of_what_is_not_computed_yet_no_value_is_told(show):
    reader = show(draw(curve, 2.0), 2)
    reader.click("#n3")
    assert "Value" not in reader.text("#details")


def test_the_walk_tells_the_numbers_of_the_moment_of_the_film(reader):
    a = Tensor(2.0, requires_grad=True, name="a")
    movie = film(lambda: np.sin(a) * 10, every=1)
    a.data[...] = 1.0
    movie.step()
    reader.go(f"{movie.save(reader.folder / 'film.html').as_uri()}#step=5")
    assert f"cos(2) = {MINUS}0.4161" in reader.text("#says")
    reader.slide("#moment", 1)
    assert "cos(1) = 0.5403" in reader.text("#says")


def test_the_panel_follows_the_walk(show):
    reader = show(draw(curve, 2.0), 8)
    assert reader.text("#details h2") == "operation sin"
    reader.click("#n4")
    assert reader.text("#details h2") == "operation add"
    reader.press("ARROW_RIGHT")
    assert reader.text("#details h2") == "operation multiply"


def test_the_panel_says_what_each_parent_gets(show):
    reader = show(draw(curve, 2.0), 7)
    parents = "#details .pair:last-child section:first-child button"
    assert reader.text(parents) == "n2 sin a gets 10"
    reader.press("ARROW_LEFT", "ARROW_LEFT")
    reader.click("#n3")
    assert reader.text(parents) == "n2 sin a"


def test_the_panel_lists_the_contributions_that_have_come(show):
    reader = show(draw(curve, 2.0), 8)
    reader.click("#n0")
    rows = reader.text("#details tbody").split("\n")
    assert rows == [f"n2 = sin(a)\t{MINUS}4.161\t{MINUS}4.161"]
    assert "Gradient so far" in reader.text("#details")
    assert "1 still to come" in reader.text("#details")
    reader.press("ARROW_RIGHT")
    reader.click("#n0")
    assert reader.text("#details tbody").split("\n")[1] == f"n1 = multiply(a, 3)\t3\t{MINUS}1.161"


def test_the_camera_stays_where_everything_is_seen(show):
    reader = show(draw(curve, 2.0))
    before = reader.place("n0")
    for _ in range(10):
        reader.press("ARROW_RIGHT")
        assert reader.place("n0") == before


def test_the_camera_follows_where_not_everything_is_seen(reader):
    reader.open(*transformer(12)).slide("#step", 130)
    pane, box = reader.place("graph"), reader.places(".node.current")[0]
    assert pane["top"] < box["top"] < pane["bottom"]


@pytest.mark.parametrize("place", ["#n2", "#graph", "#next", "#details", "#says", "#step", "#legend summary"])
def test_the_arrows_walk_wherever_the_focus_is(show, place):
    reader = show(draw(curve, 2.0), 3)
    reader.browser.execute_script("document.querySelector(arguments[0]).focus()", place)
    reader.press("ARROW_RIGHT", "ARROW_RIGHT", "ARROW_LEFT")
    assert reader.text("#says").startswith("forward 4 of 5")


def test_in_a_text_the_arrows_move_the_cursor(show):
    reader = show(draw(curve, 2.0), 3)
    reader.press("/", "sin", "ARROW_LEFT")
    assert reader.text("#says").startswith("forward 3 of 5")


PLAYED = """
const [speed, done] = arguments, start = performance.now(), range = document.querySelector("#step");
document.querySelector("#speed").value = speed;
document.querySelector("#play").click();
const look = () => (range.value === "3" ? done(performance.now() - start) : requestAnimationFrame(look));
look();
"""


def test_the_passes_play_as_fast_as_one_likes(show):
    times = [show(draw(curve, 2.0)).browser.execute_async_script(PLAYED, speed) for speed in ("4", "1")]
    assert 2 * times[0] < times[1]


# Sharing


def test_the_address_says_what_is_seen_and_leads_there(show):
    from selenium.webdriver.support.wait import WebDriverWait

    reader = show(draw(curve, 2.0), 8)
    reader.click("#n4")
    WebDriverWait(reader.browser, 5, 0.02).until(lambda browser: "node" in browser.current_url)
    address = reader.browser.current_url
    assert address.endswith("#step=8&node=n4")
    reader.go(address)
    assert reader.text("#says").startswith("backward 3 of 5")
    assert reader.text("#details h2") == "operation add"


@pytest.mark.parametrize("asked", ["step=99", "step=-3&node=n99", "moment=7", "step=%00", "step=x&node=<b>"])
def test_an_address_that_leads_nowhere_does_no_harm(show, asked):
    reader = show(draw(curve, 2.0))
    reader.browser.execute_script("location.hash = arguments[0]", asked)
    assert reader.text("#says")


def test_the_picture_is_saved_as_a_png(show):
    from selenium.webdriver.support.wait import WebDriverWait

    reader = show(draw(curve, 2.0), 9)
    where = {"behavior": "allow", "downloadPath": str(reader.folder)}
    reader.browser.execute_cdp_cmd("Browser.setDownloadBehavior", where)
    reader.find("#save").click()
    path = reader.folder / "curve.png"
    WebDriverWait(reader.browser, 10, 0.05).until(lambda _: path.exists())
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = (int.from_bytes(content[place : place + 4]) for place in (16, 20))
    assert height > width > 300


# For everyone


def covered(a, b):
    """Whether they overlap by more than a rounding."""
    ends = [("left", "right"), ("top", "bottom")]
    return all(min(a[high], b[high]) - max(a[low], b[low]) > 0.5 for low, high in ends)


def test_the_legend_covers_nothing_and_closes(reader):
    reader.open(*moons())
    before = reader.place("graph")
    assert not covered(reader.place("legend"), before)
    assert not covered(reader.place("zoom"), before)
    reader.click("#legend summary")
    assert reader.count("#legend ul") == 1
    assert not reader.find("#legend ul").is_displayed()


def test_a_tooltip_goes_when_what_it_is_about_folds(reader):
    reader.open(*moons()).press("+")
    reader.find("#fold").click()
    reader.hover("#s0-folded")
    assert reader.find("#tip").is_displayed()
    reader.click("#s0-folded")
    assert not reader.find("#tip").is_displayed()


def touch(reader, kind, *points):
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    reader.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_two_fingers_zoom_about_their_middle(reader):
    reader.open(*moons())
    box = reader.place("n5")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch(reader, "touchStart", (x - 40, y), (x + 40, y))
    for reach in (50, 60, 70, 80):
        touch(reader, "touchMove", (x - reach, y), (x + reach, y))
    touch(reader, "touchEnd")
    after = reader.place("n5")
    assert after["width"] == pytest.approx(2 * box["width"], rel=0.02)
    assert after["x"] + after["width"] / 2 == pytest.approx(x, abs=3)


def test_one_finger_pans(reader):
    reader.open(*moons())
    before = reader.place("n5")
    touch(reader, "touchStart", (300, 300))
    for way in (20, 40, 60):
        touch(reader, "touchMove", (300 - way, 300))
    touch(reader, "touchEnd")
    after = reader.place("n5")
    assert (after["x"] - before["x"], after["width"]) == pytest.approx((-60, before["width"]))


def test_colours_say_what_they_are_of_and_on_which_scale(reader):
    reader.open(*moons()).choose("#colour", "gradient size")
    assert reader.text("#measure") == "gradient size, logarithmic:"
    reader.choose("#colour", "time")
    assert reader.text("#measure") == "time, linear:"


def test_ridges_say_their_range(reader):
    reader.open(*moons(5)).click("#n5")
    assert reader.text("#details .ridges figcaption").split() == [f"{MINUS}1", "1"]


def media(reader, **features):
    emulated = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    reader.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": emulated})


@pytest.fixture(params=["light", "dark"])
def themed(reader, request):
    media(reader, prefers_color_scheme=request.param)
    yield reader
    media(reader)


@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_nothing_to_complain_of(themed, width):
    axe = pytest.importorskip("axe_core_python.selenium", reason="accessibility is judged by axe: --group dev")
    with themed.resized(width, 800):
        for step in (0, 6, 20):
            themed.open(*moons(3)).slide("#step", step)
            if step:
                themed.browser.execute_script(
                    "document.querySelector('#n5').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
                )
            found = axe.Axe().run(themed.browser)["violations"]
            assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


CONTRASTS = """
const sheet = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const paint = (...colours) => {
  for (const colour of colours) { sheet.fillStyle = colour; sheet.fillRect(0, 0, 1, 1); }
  return [...sheet.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const light = (rgb) => rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const style = (thing) => getComputedStyle(thing), found = {};
for (const text of document.querySelectorAll("#graph svg text")) {
  if (!text.textContent.trim() || !text.getBoundingClientRect().width) continue;
  const shape = text.closest(".node")?.querySelector(":scope > :is(polygon, path, ellipse, rect)");
  const desk = style(document.body).backgroundColor;
  const below = light(paint(desk, shape ? style(shape).fill : desk)), own = light(paint(style(text).fill));
  const name = [text.closest("[class]").getAttribute("class"), text.getAttribute("class") ?? ""].join(" ");
  found[name] = Math.min(found[name] ?? 21, (Math.max(below, own) + 0.05) / (Math.min(below, own) + 0.05));
}
return found;
"""


@pytest.mark.parametrize("state", ["whole", "forward", "backward", "selected", "searched", "folded"])
def test_every_word_in_the_picture_can_be_read(themed, state):
    """A contrast of 4.5, as WCAG AA asks for: axe does not judge words in pictures."""
    themed.open(*moons())
    if state in ("forward", "backward"):
        themed.slide("#step", 6 if state == "forward" else 19)
    elif state == "selected":
        themed.click("#n5")
    elif state == "searched":
        themed.press("/", "tanh")
    elif state == "folded":
        themed.find("#fold").click()
    contrasts = themed.browser.execute_script(CONTRASTS)
    assert len(contrasts) > 2
    assert {name: contrast for name, contrast in contrasts.items() if contrast < 4.5} == {}


def test_the_focus_can_be_seen_wherever_it_is(reader):
    reader.open(*moons(2))
    for _ in range(24):
        reader.press("TAB")
        focused = reader.browser.switch_to.active_element
        if (focused.get_attribute("class") or "").startswith("node"):
            assert (
                float(
                    reader.browser.execute_script(
                        "return getComputedStyle(arguments[0].querySelector('polygon, path')).strokeWidth", focused
                    ).removesuffix("px")
                )
                > 1.5
            )
        elif focused.tag_name != "body":
            assert focused.value_of_css_property("outline-style") != "none"


def test_a_reader_of_the_screen_hears_each_step(show):
    reader = show(draw(curve, 2.0), 8)
    assert reader.find("#says").get_attribute("aria-live") == "polite"
    assert reader.find("#step").get_attribute("aria-valuetext") == reader.text("#says")


STEPS = """
const range = document.querySelector("#step"), times = [];
for (let step = 500; step < 520; step++) {
  const start = performance.now();
  range.value = step;
  range.dispatchEvent(new Event("input"));
  document.body.offsetHeight; // laid out
  times.push(performance.now() - start);
}
return times;
"""


def test_steps_of_a_long_walk_come_at_once(reader):
    reader.open(*transformer(37))
    assert median(reader.browser.execute_script(STEPS)) < 100
