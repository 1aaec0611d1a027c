"""Modes in generators and coroutines: they hold while these run, and never stay on when all is done."""

import asyncio
import contextlib
import contextvars
import inspect
import threading

import pytest

from autograd_nn import Tensor, anomaly, enable_grad, no_grad, scope
from autograd_nn.engine.modes import MODE, Mode
from autograd_nn.graph.value import graph

w = Tensor(2.0, requires_grad=True)


def recorded():
    return (w * w).requires_grad


@pytest.fixture(autouse=True)
def nothing_stays_on():
    yield
    assert MODE.get() == Mode()
    assert recorded()


# Decorators: inside at each step, outside between the steps ---------------------------------------------


def test_a_decorated_generator_records_nothing_in_any_step_and_its_user_does_between_them():
    @no_grad()
    def numbers():
        yield recorded()
        yield recorded()
        return recorded()

    def outer():
        result = yield from numbers()
        yield result

    inside, between = [], []
    for found in outer():
        inside.append(found)
        between.append(recorded())
    assert inside == [False, False, False]
    assert between == [True, True, True]
    assert inspect.isgeneratorfunction(numbers)


def test_a_decorated_generator_takes_what_is_sent_thrown_and_closed():
    seen = []

    @no_grad()
    def conversation():
        try:
            seen.append((yield "first"))
            yield "second"
        except KeyError:
            seen.append(recorded())
            yield "third"
            yield "fourth"
        finally:
            seen.append(("closed", recorded()))

    talk = conversation()
    assert next(talk) == "first"
    assert talk.send("sent") == "second"
    assert talk.throw(KeyError()) == "third"
    assert next(talk) == "fourth"
    talk.close()
    assert seen == ["sent", False, ("closed", False)]
    with pytest.raises(ZeroDivisionError):
        conversation().throw(ZeroDivisionError())


def test_each_block_decorates_generators():
    @enable_grad()
    def recording():
        yield recorded()
        yield recorded()

    @anomaly()
    def looking():
        yield MODE.get().anomaly
        yield MODE.get().anomaly

    with no_grad():
        assert list(recording()) == [True, True]
        assert not recorded()
    assert [(inside, MODE.get().anomaly) for inside in looking()] == [(True, False)] * 2


def test_all_steps_of_a_generator_are_in_one_entry_of_the_scope_and_those_of_the_next_in_another():
    @scope("block")
    def layers(y):
        for _ in range(2):
            y = y * 2
            yield y

    y = Tensor(1.0, requires_grad=True)
    for _ in range(2):
        for made in layers(y):
            y = made + 1  # in no scope
    once = lambda entry: [(entry,), (entry,), ()]
    assert [node.scope for node in graph(y).nodes[1:]] == [*once("block[0]"), *once("block[1]")]


def test_a_decorated_coroutine_records_nothing_between_its_waits_and_others_do():
    @no_grad()
    async def predict():
        before = recorded()
        await asyncio.sleep(0)
        return before, recorded()

    async def both():
        return await asyncio.gather(predict(), train())

    async def train():
        before = recorded()
        await asyncio.sleep(0)
        return before, recorded()

    assert inspect.iscoroutinefunction(predict)
    assert asyncio.run(both()) == [(False, False), (True, True)]
    by_hand = predict()
    by_hand.send(None)
    assert recorded()
    by_hand.close()


def test_a_decorated_asynchronous_generator_does_too():
    seen = []

    @no_grad()
    async def items():
        try:
            seen.append((yield recorded()))
            await asyncio.sleep(0)
            yield recorded()
        except KeyError:
            yield "caught", recorded()
        finally:
            seen.append(("closed", recorded()))

    async def use():
        assert [(inside, recorded()) async for inside in items()] == [(False, True)] * 2
        talk = items()
        assert await talk.asend(None) is False
        assert await talk.asend("sent") is False
        assert await talk.athrow(KeyError()) == ("caught", False)
        assert recorded()
        await talk.aclose()

    asyncio.run(use())
    assert seen == [None, ("closed", False), "sent", ("closed", False)]
    assert inspect.isasyncgenfunction(items)


# Blocks that are left out of order, or elsewhere ---------------------------------------------------------


def waiting():
    with no_grad():
        yield recorded()


def test_a_generator_finished_within_a_block_entered_later_does_not_leave_its_own_on():
    items = waiting()
    next(items)
    with no_grad():
        items.close()
        assert not recorded()
    assert recorded()


def test_what_was_entered_later_holds_when_a_generator_is_finished():
    items = waiting()
    next(items)
    with anomaly(), scope("s"), enable_grad():
        items.close()
        mode = MODE.get()
        assert (mode.anomaly, [entry.name for entry in mode.scopes], recorded()) == (True, ["s"], True)
    assert recorded()


def test_two_generators_that_take_turns_leave_nothing_on():
    one, other = waiting(), waiting()
    assert [next(one), next(other)] == [False, False]
    one.close()
    assert not recorded()
    other.close()
    assert recorded()


def test_a_generator_that_is_dropped_does_not_leave_its_mode_on():
    items = waiting()
    next(items)
    del items
    assert recorded()


@pytest.mark.parametrize("inherited", [False, True])
def test_a_generator_finished_in_another_context_does_not_leave_its_mode_on(inherited):
    items = waiting()
    next(items)
    other = contextvars.copy_context() if inherited else contextvars.Context()
    other.run(items.close)
    assert recorded()
    assert other.run(recorded)
    with anomaly():
        assert recorded()


def test_a_generator_finished_in_another_thread_does_not_leave_its_mode_on():
    items = waiting()
    next(items)
    thread = threading.Thread(target=items.close)
    thread.start()
    thread.join()
    assert recorded()


def test_a_generator_started_in_a_task_and_finished_outside_does_not_leave_its_mode_on():
    async def start():
        items = waiting()
        next(items)
        return items

    items = asyncio.run(start())
    assert recorded()
    items.close()
    assert recorded()


def test_a_task_keeps_the_mode_that_it_was_started_in():
    async def late():
        await asyncio.sleep(0)
        return recorded()

    async def main():
        with no_grad():
            task = asyncio.create_task(late())
        return await task, recorded()

    assert asyncio.run(main()) == (False, True)


def test_many_generators_finished_elsewhere_leave_no_chain_of_modes():
    for _ in range(100):
        items = waiting()
        next(items)
        contextvars.Context().run(items.close)
    with enable_grad():
        assert MODE.get().outer.outer is None


def test_a_block_in_a_context_manager_holds_for_its_body():
    @contextlib.contextmanager
    def evaluating():
        with no_grad():
            yield

    with evaluating():
        assert not recorded()


def test_a_block_is_entered_many_times_but_not_within_itself():
    block = no_grad()
    for _ in range(2):
        with block:
            assert not recorded()
    with pytest.raises(RuntimeError, match="entered already"), block, block:
        pass
