/** The floor: node:https that parses a body as JSON and answers what it is told to. Arguments: certificate, key, answer. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const [cert, key, answer] = process.argv.slice(2).map((path) => readFileSync(path));

const server = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const review = JSON.parse((parts.length === 1 ? parts[0]! : Buffer.concat(parts)).toString('utf8')) as {
      request?: unknown;
    };
    response.writeHead(review.request === undefined ? 400 : 200, {
      'content-type': 'application/json',
      'content-length': answer!.length,
    });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.on('end', () => process.exit(0)).resume();
