"""The interoperability contract for grpcio: paths and messages. Without grpcio-tools there are no stubs, so methods go by their path."""

import empty_pb2
import messages_pb2 as messages

INITIAL_KEY = "x-grpc-test-echo-initial"
TRAILING_KEY = "x-grpc-test-echo-trailing-bin"

# name: (kind, request, response)
TEST_SERVICE = {
    "EmptyCall": ("unary_unary", empty_pb2.Empty, empty_pb2.Empty),
    "UnaryCall": ("unary_unary", messages.SimpleRequest, messages.SimpleResponse),
    "StreamingOutputCall": ("unary_stream", messages.StreamingOutputCallRequest, messages.StreamingOutputCallResponse),
    "StreamingInputCall": ("stream_unary", messages.StreamingInputCallRequest, messages.StreamingInputCallResponse),
    "FullDuplexCall": ("stream_stream", messages.StreamingOutputCallRequest, messages.StreamingOutputCallResponse),
}


def payload(size):
    return messages.Payload(body=bytes(size))
