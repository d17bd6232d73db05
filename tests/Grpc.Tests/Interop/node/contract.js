// The interoperability contract for grpc-js: the services from the proto files, and small pieces that client and server share.
'use strict';

const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const definition = loader.loadSync('grpc/testing/test.proto', {
  includeDirs: [process.env.INTEROP_PROTOS],
  keepCase: true,
  defaults: true,
});

const testing = grpc.loadPackageDefinition(definition).grpc.testing;

module.exports = {
  grpc,
  testing,
  initialKey: 'x-grpc-test-echo-initial',
  trailingKey: 'x-grpc-test-echo-trailing-bin',
  zeros: (size) => Buffer.alloc(size),
};
