"""A gRPC client, asked once: calls on the standard input, how each ended on the standard output, both JSON.

The generic calls of grpcio take messages as bytes, so nobody needs the service's description; answers come in hexadecimal.
"""

import functools
import json
import sys

import grpc


def call(asked):
    method = channel_to(asked["address"]).unary_unary(asked["method"])
    metadata = [tuple(pair) for pair in asked.get("metadata", [])]
    try:
        answer, rpc = method.with_call(b"", timeout=20, metadata=metadata)
    except grpc.RpcError as rpc:
        return {"code": rpc.code().name, "details": rpc.details(), "metadata": fields_of(rpc)}
    return {"code": rpc.code().name, "answer": answer.hex(), "metadata": fields_of(rpc)}


def fields_of(rpc):
    fields = [*(rpc.initial_metadata() or ()), *(rpc.trailing_metadata() or ())]
    return {key: value for key, value in fields if isinstance(value, str)}


@functools.cache
def channel_to(address):
    return grpc.insecure_channel(address)


json.dump([call(asked) for asked in json.load(sys.stdin)], sys.stdout)
