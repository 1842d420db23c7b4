from clientela import limits
from clientela.client_facade.hot_clients import HotClient, HotClients


def kept(hot, numbers):
    return [number for number in numbers if hot.get(b"%d" % number) is not None]


def client(number):
    return HotClient(b"etag: %d" % number, b"{}")


def test_what_is_read_again_stays_and_the_rest_makes_room():
    hot = HotClients(items_max=8)
    for number in range(20):
        hot.keep(b"%d" % number, client(number))
        assert hot.get(b"0") == client(0)

    found = kept(hot, range(20))

    assert found[0] == 0
    assert found[-1] == 19
    assert len(found) <= 8


def test_what_was_changed_is_forgotten_of_either_age():
    hot = HotClients(items_max=4)
    for number in range(3):
        hot.keep(b"%d" % number, client(number))

    hot.forget(["0", "2", "unknown"])

    assert kept(hot, range(3)) == [1]


def test_everything_is_forgotten_when_nobody_says_what_changed():
    hot = HotClients(items_max=4)
    for number in range(3):
        hot.keep(b"%d" % number, client(number))

    hot.forget()

    assert kept(hot, range(3)) == []


def test_a_large_client_is_not_kept():
    hot = HotClients()

    hot.keep(b"1", HotClient(b"", b"x" * (limits.HOT_CLIENT_BYTES_MAX + 1)))

    assert hot.get(b"1") is None
