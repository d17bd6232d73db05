"""Follows the coordinator's events without end and writes each as a line of JSON.

Usage: follow_events.py HOST:PORT CREDENTIAL-FILE [AFTER-SEQUENCE]
PYTHONPATH must hold what protoc made from proto/fleet/v1; see docs/api.md.
"""

import json
import sys
import time

import grpc
from fleet.v1 import event_pb2, event_pb2_grpc

address, credential_file = sys.argv[1:3]
last = int(sys.argv[3]) if len(sys.argv) > 3 else 0
with open(credential_file, encoding="utf-8") as file:
    credential = json.load(file)

tls = grpc.ssl_channel_credentials(credential["caCertificatePem"].encode())
token = grpc.access_token_call_credentials(credential["bearerToken"])
channel = grpc.secure_channel(
    address,
    grpc.composite_channel_credentials(tls, token),
    options=[
        # A call that meets the GOAWAY of a stopping server is retried inside grpcio, and in 1.51 that retry may never
        # be sent. Without it the call ends with UNAVAILABLE, and the loop below begins after the last event.
        ("grpc.enable_retries", 0),
        ("grpc.keepalive_time_ms", 10_000),
        ("grpc.keepalive_timeout_ms", 5_000),
        ("grpc.max_reconnect_backoff_ms", 2_000),
    ],
)
events = event_pb2_grpc.EventServiceStub(channel)

while True:
    try:
        # A call that waits keeps grpcio's event loop turning; between calls that fail at once it hardly gets on with
        # connecting.
        for response in events.Subscribe(event_pb2.SubscribeRequest(after_sequence=last), wait_for_ready=True):
            if response.WhichOneof("kind") == "heartbeat":
                continue
            event = response.event
            print(
                json.dumps(
                    {
                        "sequence": event.sequence,
                        "type": event.type,
                        "host": event.host_name,
                        "policy": event.policy,
                        "run": event.run_id,
                        "message": event.message,
                    }
                ),
                flush=True,
            )
            last = event.sequence
    except grpc.RpcError as error:
        # While the coordinator is away nothing needs to be said: the next attempt continues after the last event.
        if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED):
            raise SystemExit(f"stream ended: {error.code().name}: {error.details()}") from error
        time.sleep(0.5)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
