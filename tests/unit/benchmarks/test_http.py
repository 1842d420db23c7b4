"""Where an answer ends, in the forms that the peers send."""

import pytest

from load.http import Answer, answer_in, request

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("received", "answer"),
    [
        (HEAD + b"content-length: 2\r\n\r\n{}", Answer(200, b"{}", closes=False)),
        (
            HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}",
            Answer(200, b"{}", closes=True),
        ),
        (
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n2;x=y\r\n1]\r\n0\r\n\r\n",
            Answer(200, b"[1]", closes=False),
        ),
        (b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n", Answer(204, b"", closes=False)),
    ],
)
def test_a_whole_answer_is_read_and_no_part_of_it_before(received, answer):
    assert answer_in(received) == answer
    for end in range(len(received)):
        assert answer_in(received[:end]) is None


def test_an_answer_without_a_length_ends_with_its_connection():
    received = b"HTTP/1.0 200 OK\r\n\r\n[1"

    assert answer_in(received) is None
    assert answer_in(received, ended=True) == Answer(200, b"[1", closes=False)


def test_what_is_no_http_is_an_error():
    with pytest.raises(ValueError, match="no HTTP"):
        answer_in(b"SSH-2.0\r\n\r\n")


def test_a_body_is_sent_as_json_with_its_length():
    sent = request("POST", "/clients", {"name": "João"})

    head, _, body = sent.partition(b"\r\n\r\n")
    assert body == '{"name":"João"}'.encode()
    assert b"Content-Length: 16" in head
