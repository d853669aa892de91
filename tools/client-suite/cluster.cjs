// Stands in for the suite's own `Cluster`, which starts the database in Docker: here a node is the embedded event store,
// and a secure node is one behind a TLS proxy, because the embedded one speaks no TLS.
'use strict';
const { spawn } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const main = process.env.CLIENT_SUITE_SERVER;
const certificates = process.env.CLIENT_SUITE_CERTIFICATES;

class Cluster {
  domain = 'localhost';
  #insecure;
  #directory = mkdtempSync(join(tmpdir(), 'client-suite-'));
  #server;
  #proxy;
  #port = 0;
  #innerPort = 0;

  constructor(count, insecure = false) {
    if (count !== 1) throw new Error('The embedded event store is always one node.');
    this.#insecure = insecure;
  }

  setLogLevel = () => this;
  setOption = () => this;
  enableNodeLogs = async () => {};

  up = async () => {
    await this.#start();
    if (this.#insecure) this.#port = this.#innerPort;
    else this.#port = await this.#startProxy();
  };

  down = async () => {
    this.#proxy?.kill();
    await this.killNode();
    rmSync(this.#directory, { recursive: true, force: true });
  };

  killNode = async () => {
    const exited = new Promise((resolve) => this.#server.once('exit', resolve));
    this.#server.kill('SIGTERM');
    await exited;
  };

  resurrect = () => this.#start();

  get uri() {
    return `${this.domain}:${this.#port}`;
  }

  get endpoints() {
    return [{ address: this.domain, port: this.#port }];
  }

  get certPath() {
    return { root: join(certificates, 'certificate.pem') };
  }

  get certs() {
    return { root: readFileSync(this.certPath.root) };
  }

  async #start() {
    const args = [main, '--data', this.#directory, '--port', String(this.#innerPort)];
    // Over the IPC channel the server says when it is ready, and notices when this process is gone.
    this.#server = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const message = await new Promise((resolve) => this.#server.once('message', resolve));
    if (message.kind !== 'ready') throw new Error(message.message);
    this.#innerPort = message.port;
  }

  /** In a process of its own: the suite floods the server, and must not have to carry the flood, too. */
  async #startProxy() {
    const proxy = join(__dirname, 'tls-proxy.cjs');
    const args = [proxy, certificates, this.domain, String(this.#innerPort)];
    this.#proxy = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    return new Promise((resolve) => this.#proxy.once('message', ({ port }) => resolve(port)));
  }
}

module.exports = { Cluster };
