"""Prints what needs a person now, then every host, and shows how a refused call is read.

Usage: status.py HOST:PORT CREDENTIAL-FILE [HOST-NAME]
With HOST-NAME only that host; exit code 1 when there is none.
PYTHONPATH must hold what protoc made from proto/fleet/v1; see docs/api.md.
"""

import json
import sys

import grpc
from fleet.v1 import error_pb2, fleet_pb2, fleet_pb2_grpc

TIMEOUT_SECONDS = 30

address, credential_file = sys.argv[1:3]
with open(credential_file, encoding="utf-8") as file:
    credential = json.load(file)

tls = grpc.ssl_channel_credentials(credential["caCertificatePem"].encode())
token = grpc.access_token_call_credentials(credential["bearerToken"])
fleet = fleet_pb2_grpc.FleetServiceStub(grpc.secure_channel(address, grpc.composite_channel_credentials(tls, token)))


def all_hosts():
    """Page by page, until the answer names no next one."""
    page = ""
    while True:
        answer = fleet.ListHosts(fleet_pb2.ListHostsRequest(page_size=100, page_token=page), timeout=TIMEOUT_SECONDS)
        yield from answer.hosts
        page = answer.next_page_token
        if not page:
            return


def show(host):
    print(f"{host.name}\t{fleet_pb2.HostState.Name(host.state)}\t{host.agent_version}")


def explain(error):
    """The reason is for programs, the rest for people."""
    trailers = dict(error.trailing_metadata())
    detail = error_pb2.ErrorDetail.FromString(trailers.get("fleet-error-bin", b""))
    return f"{error.code().name} {trailers.get('fleet-reason', '')}: {error.details()} {detail.what_to_do}".rstrip()


try:
    if len(sys.argv) > 3:
        show(fleet.GetHost(fleet_pb2.GetHostRequest(host=sys.argv[3]), timeout=TIMEOUT_SECONDS))
    else:
        status = fleet.GetStatus(fleet_pb2.GetStatusRequest(), timeout=TIMEOUT_SECONDS)
        print(f"{status.hosts_online} of {status.hosts_total} hosts online, {len(status.attention)} things to look at")
        for attention in status.attention:
            print(f"{attention.code}\t{attention.host_name}\t{attention.message}")
        for host in all_hosts():
            show(host)
except grpc.RpcError as error:
    sys.exit(explain(error))
