import { describe } from 'node:test';
import { fails, holds, refuses } from './testing.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('image references', () => {
  holds([
    "image('nginx').registry() == 'index.docker.io'",
    "image('nginx').repository() == 'library/nginx'",
    "image('docker.io/nginx').registry() == 'index.docker.io'",
    "image('nginx').tag() == 'latest'",
    "image('nginx').identifier() == 'latest'",
    "image('nginx').identifierWithSeparator() == ':latest'",
    "image('nginx').digest() == ''",
    "!image('nginx').containsDigest()",
    "parseImageReference('ghcr.io/kyverno/kyverno:v1').repository() == 'kyverno/kyverno'",
    "image('localhost:5000/a/b').registry() == 'localhost:5000'",
    "image('localhost/ab').registry() == 'localhost'",
    `image('reg.io:5000/ab@${DIGEST}').tag() == ''`,
    `image('nginx@${DIGEST}').tag() == ''`,
    `image('nginx@${DIGEST}').identifier() == '${DIGEST}'`,
    `image('nginx:1.25@${DIGEST}').tag() == '1.25'`,
    `image('nginx:1.25@${DIGEST}').identifier() == '1.25@${DIGEST}'`,
    `image('nginx:1.25@${DIGEST}').identifierWithSeparator() == '@${DIGEST}'`,
    `image('nginx@${DIGEST}').containsDigest()`,
    "image('nginx') == parseImageReference('nginx')",
    "image('nginx') != image('nginx:latest')",
    "isImage('ghcr.io/a/b:c')",
    "!isImage('a')",
    "!isImage('Nginx')",
    "!isImage('nginx:')",
    "!isImage('')",
    "!isImage('a b')",
    "!isImage('nginx@sha256:abc')",
    "!isImage('[::1]]/nginx')",
    "isImage('[::1]:5000/nginx')",
  ]);
  fails({
    "image('NGINX')": 'could not parse reference: NGINX',
    "image('nginx') == dyn('nginx')": 'no such overload',
  });
  refuses({ "'nginx'.registry()": "found no matching overload for 'registry' applied to 'string.()'" });
});
