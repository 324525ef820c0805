import { describe } from 'node:test';
import { fails, holds, refuses } from './testing.ts';

describe('gzip', () => {
  holds([
    "gzip.decompress(gzip.compress('hällo')) == 'hällo'",
    // What Go's compress/gzip begins with: no time, no flags, an unknown system.
    "base64.encode(gzip.compress('hello')).startsWith('H4sIAAAAAAAA')",
  ]);
  fails({
    "gzip.decompress(b'')": 'EOF',
    "gzip.decompress(b'hello world')": 'gzip: invalid header',
    "gzip.decompress(base64.decode('H4sIAAAAAAAA'))": 'unexpected EOF',
    'gzip.compress(1)': "unsupported type conversion from 'int' to string",
  });
  refuses({
    "gzip.decompress('x')": "found no matching overload for 'gzip.decompress' applied to '(string)'",
  });
});
