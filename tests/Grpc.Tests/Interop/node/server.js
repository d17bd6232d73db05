// A grpc-js server of the interoperability cases. Prints "PORT n" when it listens.
'use strict';

const { grpc, testing, initialKey, trailingKey, zeros } = require('./contract');

// grpc-js keeps the request's encoding from handlers; the call object under an interceptor has it (not a public member).
function rememberEncoding(methodDescriptor, call) {
  return new grpc.ServerInterceptingCall(call, {
    start: (next) =>
      next({
        onReceiveMetadata: (metadata, nextMetadata) => {
          metadata.set('x-seen-encoding', call.incomingEncoding);
          nextMetadata(metadata);
        },
      }),
  });
}

function echoMetadata(call) {
  const initial = call.metadata.get(initialKey);
  if (initial.length > 0) {
    const headers = new grpc.Metadata();
    headers.set(initialKey, initial[0]);
    call.sendMetadata(headers);
  }
  const trailers = new grpc.Metadata();
  const trailing = call.metadata.get(trailingKey);
  if (trailing.length > 0) {
    trailers.set(trailingKey, trailing[0]);
  }
  return trailers;
}

function askedError(status, trailers) {
  return status && status.code !== 0 ? { code: status.code, details: status.message, metadata: trailers } : null;
}

function notCompressed(request, call) {
  const encoding = call.metadata.get('x-seen-encoding')[0];
  return request.expect_compressed && request.expect_compressed.value && encoding !== 'gzip';
}

// Each answer after its interval, in the order of the requests.
function answer(call, request, after) {
  return request.response_parameters.reduce(
    (before, p) =>
      before
        .then(() => (p.interval_us > 0 ? new Promise((resolve) => setTimeout(resolve, p.interval_us / 1000)) : undefined))
        .then(() => call.cancelled || call.write({ payload: { body: zeros(p.size) } })),
    after,
  );
}

const service = {
  EmptyCall: (call, callback) => callback(null, {}),
  UnaryCall: (call, callback) => {
    if (notCompressed(call.request, call)) {
      callback({ code: grpc.status.INVALID_ARGUMENT, details: 'The message did not come compressed.' });
      return;
    }
    const trailers = echoMetadata(call);
    const error = askedError(call.request.response_status, trailers);
    if (error) {
      callback(error);
      return;
    }
    callback(null, { payload: { body: zeros(call.request.response_size) } }, trailers);
  },
  StreamingOutputCall: (call) => {
    const trailers = echoMetadata(call);
    answer(call, call.request, Promise.resolve()).then(() => call.end(trailers));
  },
  StreamingInputCall: (call, callback) => {
    let size = 0;
    call.on('data', (request) => (size += request.payload ? request.payload.body.length : 0));
    call.on('end', () => callback(null, { aggregated_payload_size: size }));
    call.on('error', () => {});
  },
  FullDuplexCall: (call) => {
    const trailers = echoMetadata(call);
    let failed = false;
    let answered = Promise.resolve();
    call.on('data', (request) => {
      const error = askedError(request.response_status, trailers);
      if (error) {
        failed = true;
        call.emit('error', error);
        return;
      }
      answered = answer(call, request, answered);
    });
    call.on('end', () => failed || answered.then(() => call.end(trailers)));
    call.on('error', () => {});
  },
};

const server = new grpc.Server({ interceptors: [rememberEncoding] });
// UnimplementedCall has no handler, UnimplementedService is not added: both are part of the contract.
server.addService(testing.TestService.service, service);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    console.error(error);
    process.exit(1);
  }
  console.log(`PORT ${port}`);
});
// The test closes standard input when it is done.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
