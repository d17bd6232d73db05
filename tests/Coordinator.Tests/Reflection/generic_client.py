"""A client that knows nothing of Fleet but grpc: finds the services by reflection and calls them.

Arguments: address, file with the authority's certificate, bearer token. Prints one JSON object.
"""
import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

address, authority, token = sys.argv[1:4]
with open(authority, "rb") as file:
    channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(file.read()))
metadata = [("authorization", "Bearer " + token)]
VERSIONS = ("v1", "v1alpha")


def field(number, payload):
    """One length-delimited field."""
    return bytes([number << 3 | 2, len(payload)]) + payload


def fields(data):
    """Every field of a message, as (number, value)."""
    position = 0

    def varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while position < len(data):
        key = varint()
        if key & 7 == 2:
            length = varint()
            yield key >> 3, data[position:position + length]
            position += length
        else:
            yield key >> 3, varint()


def ask(version, question, with_metadata=True):
    call = channel.stream_stream("/grpc.reflection.%s.ServerReflection/ServerReflectionInfo" % version)
    answers = list(call(iter([question]), timeout=30, metadata=metadata if with_metadata else None))
    return dict(fields(answers[0]))


result = {}
try:
    ask("v1", field(7, b"*"), with_metadata=False)
except grpc.RpcError as error:
    result["anonymous"] = error.code().name

for version in VERSIONS:
    listed = ask(version, field(7, b"*"))
    result[version] = [dict(fields(s))[1].decode() for n, s in fields(listed[6]) if n == 1]

pool = descriptor_pool.DescriptorPool()
seen = set()


def learn(serialised):
    file = descriptor_pb2.FileDescriptorProto.FromString(serialised)
    return file


answer = ask("v1", field(4, b"fleet.v1.FleetService"))
files = {f.name: f for f in (learn(s) for n, s in fields(answer[4]) if n == 1)}


def add(name):
    if name not in seen:
        seen.add(name)
        for dependency in files[name].dependency:
            add(dependency)
        pool.Add(files[name])


for name in list(files):
    add(name)

service = pool.FindServiceByName("fleet.v1.FleetService")
method = service.FindMethodByName("GetStatus")
factory = message_factory.MessageFactory(pool)
request = factory.GetPrototype(method.input_type)()
response = factory.GetPrototype(method.output_type)
status = channel.unary_unary(
    "/fleet.v1.FleetService/GetStatus",
    request_serializer=lambda m: m.SerializeToString(),
    response_deserializer=response.FromString,
)(request, timeout=30, metadata=metadata)
result["status"] = json_format.MessageToDict(status)
result["file"] = files and [n for n, s in fields(ask("v1", field(3, b"fleet/v1/event.proto"))[4])]
result["unknown"] = dict(fields(ask("v1", field(4, b"no.such.Thing"))[7]))[1]
result["error"] = [n for n, s in fields(ask("v1", field(4, b"fleet.v1.ErrorDetail"))[4])]
print(json.dumps(result))
