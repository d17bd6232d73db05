"""A grpcio client of the interoperability cases: python3 client.py PORT CASE. Ends with 0 when the case holds."""

import queue
import sys

import grpc

import empty_pb2
import messages_pb2 as messages
from contract import INITIAL_KEY, TEST_SERVICE, TRAILING_KEY, payload

SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
ECHO = ((INITIAL_KEY, "test_initial_metadata_value"), (TRAILING_KEY, b"\xab\xab\xab"))
SIZES = (31415, 9, 2653, 58979)
PAYLOADS = (27182, 8, 1828, 45904)
TIMEOUT_SECONDS = 30


class Client:
    def __init__(self, channel):
        self._channel = channel
        for name, (kind, request, response) in TEST_SERVICE.items():
            setattr(self, name, getattr(channel, kind)(
                f"/grpc.testing.TestService/{name}",
                request_serializer=request.SerializeToString,
                response_deserializer=response.FromString))

    def unimplemented(self, path):
        return self._channel.unary_unary(
            path, request_serializer=empty_pb2.Empty.SerializeToString, response_deserializer=empty_pb2.Empty.FromString)


class Requests:
    """A request stream that is fed while the call runs."""

    def __init__(self):
        self._queue = queue.Queue()

    def send(self, request):
        self._queue.put(request)

    def end(self):
        self._queue.put(None)

    def __iter__(self):
        return iter(self._queue.get, None)


def large(**more):
    return messages.SimpleRequest(response_size=314159, payload=payload(271828), **more)


def duplex(size, payload_size, interval_us=0):
    return messages.StreamingOutputCallRequest(
        response_parameters=[messages.ResponseParameters(size=size, interval_us=interval_us)], payload=payload(payload_size))


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} instead of {expected!r}")


def fails(function, code, details=None):
    try:
        function()
    except grpc.RpcError as error:
        equal(error.code(), code)
        if details is not None:
            equal(error.details(), details)
        return
    raise AssertionError("the call did not fail")


def sizes_of(responses):
    return tuple(len(response.payload.body) for response in responses)


def empty_unary(client):
    equal(client.EmptyCall(empty_pb2.Empty(), timeout=TIMEOUT_SECONDS), empty_pb2.Empty())


def large_unary(client):
    equal(len(client.UnaryCall(large(), timeout=TIMEOUT_SECONDS).payload.body), 314159)


def client_streaming(client):
    requests = (messages.StreamingInputCallRequest(payload=payload(size)) for size in PAYLOADS)
    equal(client.StreamingInputCall(requests, timeout=TIMEOUT_SECONDS).aggregated_payload_size, 74922)


def server_streaming(client):
    request = messages.StreamingOutputCallRequest(response_parameters=[messages.ResponseParameters(size=size) for size in SIZES])
    equal(sizes_of(client.StreamingOutputCall(request, timeout=TIMEOUT_SECONDS)), SIZES)


def ping_pong(client):
    requests = Requests()
    call = client.FullDuplexCall(iter(requests), timeout=TIMEOUT_SECONDS)
    for size, payload_size in zip(SIZES, PAYLOADS):
        requests.send(duplex(size, payload_size))
        equal(len(next(call).payload.body), size)
    requests.end()
    equal(sizes_of(call), ())
    equal(call.code(), grpc.StatusCode.OK)


def empty_stream(client):
    equal(sizes_of(client.FullDuplexCall(iter(()), timeout=TIMEOUT_SECONDS)), ())


def client_compressed_unary(client):
    expected = messages.BoolValue(value=True)
    fails(lambda: client.UnaryCall(large(expect_compressed=expected), timeout=TIMEOUT_SECONDS), grpc.StatusCode.INVALID_ARGUMENT)
    response = client.UnaryCall(large(expect_compressed=expected), timeout=TIMEOUT_SECONDS, compression=grpc.Compression.Gzip)
    equal(len(response.payload.body), 314159)
    response = client.UnaryCall(large(expect_compressed=messages.BoolValue(value=False)), timeout=TIMEOUT_SECONDS)
    equal(len(response.payload.body), 314159)


def server_compressed_unary(client):
    # What grpcio hands out does not say whether it came compressed: the test looks at the server's bytes.
    for value in (True, False):
        response = client.UnaryCall(large(response_compressed=messages.BoolValue(value=value)), timeout=TIMEOUT_SECONDS)
        equal(len(response.payload.body), 314159)


def check_echo(call):
    equal(dict(call.initial_metadata())[INITIAL_KEY], ECHO[0][1])
    equal(dict(call.trailing_metadata())[TRAILING_KEY], ECHO[1][1])


def custom_metadata(client):
    response, call = client.UnaryCall.with_call(large(), metadata=ECHO, timeout=TIMEOUT_SECONDS)
    equal(len(response.payload.body), 314159)
    check_echo(call)
    call = client.FullDuplexCall(iter((duplex(314159, 271828),)), metadata=ECHO, timeout=TIMEOUT_SECONDS)
    equal(sizes_of(call), (314159,))
    check_echo(call)


def status_code_and_message(client):
    status = messages.EchoStatus(code=2, message="test status message")
    fails(
        lambda: client.UnaryCall(messages.SimpleRequest(response_status=status), timeout=TIMEOUT_SECONDS),
        grpc.StatusCode.UNKNOWN, "test status message")
    request = messages.StreamingOutputCallRequest(response_status=status)
    fails(
        lambda: sizes_of(client.FullDuplexCall(iter((request,)), timeout=TIMEOUT_SECONDS)),
        grpc.StatusCode.UNKNOWN, "test status message")


def special_status_message(client):
    request = messages.SimpleRequest(response_status=messages.EchoStatus(code=2, message=SPECIAL))
    fails(lambda: client.UnaryCall(request, timeout=TIMEOUT_SECONDS), grpc.StatusCode.UNKNOWN, SPECIAL)


def unimplemented_method(client):
    call = client.unimplemented("/grpc.testing.TestService/UnimplementedCall")
    fails(lambda: call(empty_pb2.Empty(), timeout=TIMEOUT_SECONDS), grpc.StatusCode.UNIMPLEMENTED)


def unimplemented_service(client):
    call = client.unimplemented("/grpc.testing.UnimplementedService/UnimplementedCall")
    fails(lambda: call(empty_pb2.Empty(), timeout=TIMEOUT_SECONDS), grpc.StatusCode.UNIMPLEMENTED)


def cancel_after_begin(client):
    requests = Requests()
    future = client.StreamingInputCall.future(iter(requests), timeout=TIMEOUT_SECONDS)
    future.cancel()
    requests.end()
    equal(future.code(), grpc.StatusCode.CANCELLED)


def cancel_after_first_response(client):
    requests = Requests()
    call = client.FullDuplexCall(iter(requests), timeout=TIMEOUT_SECONDS)
    requests.send(duplex(31415, 27182))
    equal(len(next(call).payload.body), 31415)
    call.cancel()
    requests.end()
    fails(lambda: next(call), grpc.StatusCode.CANCELLED)


def timeout_on_sleeping_server(client):
    requests = Requests()
    requests.send(duplex(31415, 27182, interval_us=5_000_000))
    call = client.FullDuplexCall(iter(requests), timeout=0.001)
    fails(lambda: next(call), grpc.StatusCode.DEADLINE_EXCEEDED)
    requests.end()


CASES = (
    empty_unary, large_unary, client_streaming, server_streaming, ping_pong, empty_stream, client_compressed_unary,
    server_compressed_unary, custom_metadata, status_code_and_message, special_status_message, unimplemented_method,
    unimplemented_service, cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server)


def main():
    case = {function.__name__: function for function in CASES}[sys.argv[2]]
    with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}") as channel:
        case(Client(channel))


if __name__ == "__main__":
    main()
