"""A grpcio server of the interoperability cases. Prints "PORT n" when it listens."""

import sys
import time
from concurrent import futures

import grpc

import empty_pb2
import messages_pb2 as messages
from contract import INITIAL_KEY, TEST_SERVICE, TRAILING_KEY, payload


def echo_metadata(context):
    metadata = dict(context.invocation_metadata())
    if INITIAL_KEY in metadata:
        context.send_initial_metadata(((INITIAL_KEY, metadata[INITIAL_KEY]),))
    if TRAILING_KEY in metadata:
        context.set_trailing_metadata(((TRAILING_KEY, metadata[TRAILING_KEY]),))


def abort_if_asked(request, context):
    if request.HasField("response_status") and request.response_status.code:
        code = next(c for c in grpc.StatusCode if c.value[0] == request.response_status.code)
        context.abort(code, request.response_status.message)


def answers(request, context):
    for parameters in request.response_parameters:
        time.sleep(parameters.interval_us / 1e6)
        yield messages.StreamingOutputCallResponse(payload=payload(parameters.size))


def empty_call(request, context):
    return empty_pb2.Empty()


def unary_call(request, context):
    # grpcio does not tell a handler whether a request came compressed: expect_compressed can't be checked here.
    if request.HasField("response_compressed"):
        context.set_compression(grpc.Compression.Gzip)
        if not request.response_compressed.value:
            context.disable_next_message_compression()
    echo_metadata(context)
    abort_if_asked(request, context)
    return messages.SimpleResponse(payload=payload(request.response_size))


def streaming_output_call(request, context):
    echo_metadata(context)
    yield from answers(request, context)


def streaming_input_call(requests, context):
    size = sum(len(request.payload.body) for request in requests)
    return messages.StreamingInputCallResponse(aggregated_payload_size=size)


def full_duplex_call(requests, context):
    echo_metadata(context)
    for request in requests:
        abort_if_asked(request, context)
        yield from answers(request, context)


HANDLERS = {
    "EmptyCall": empty_call,
    "UnaryCall": unary_call,
    "StreamingOutputCall": streaming_output_call,
    "StreamingInputCall": streaming_input_call,
    "FullDuplexCall": full_duplex_call,
}


def handler_of(name):
    kind, request, response = TEST_SERVICE[name]
    make = getattr(grpc, kind + "_rpc_method_handler")
    return make(HANDLERS[name], request_deserializer=request.FromString, response_serializer=response.SerializeToString)


def main():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    # UnimplementedCall has no handler, UnimplementedService is not added: both are part of the contract.
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("grpc.testing.TestService", {name: handler_of(name) for name in TEST_SERVICE}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"PORT {port}", flush=True)
    # The test closes standard input when it is done.
    sys.stdin.read()
    server.stop(None)


if __name__ == "__main__":
    main()
