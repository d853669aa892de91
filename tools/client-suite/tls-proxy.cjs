// usage: node tls-proxy.cjs <directory of key.pem and certificate.pem> <host> <port>
// Takes TLS connections on a free port, passes their bytes on, and ends with its parent.
'use strict';
const { readFileSync } = require('node:fs');
const { connect } = require('node:net');
const { join } = require('node:path');
const tls = require('node:tls');

const [certificates, host, port] = process.argv.slice(2);
const options = {
  key: readFileSync(join(certificates, 'key.pem')),
  cert: readFileSync(join(certificates, 'certificate.pem')),
  ALPNProtocols: ['h2'],
};
const proxy = tls.createServer(options, (outside) => {
  const inside = connect(Number(port), '127.0.0.1');
  outside.on('error', () => inside.destroy()).pipe(inside);
  inside.on('error', () => outside.destroy()).pipe(outside);
});
proxy.listen(0, host, () => process.send({ port: proxy.address().port }));
process.on('disconnect', () => process.exit());
