import { describe } from 'node:test';
import { fails, holds, refuses } from './testing.ts';

describe('hashes', () => {
  holds([
    "sha1('hello') == 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'",
    "sha256('') == 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
    "md5('ä') == '8419b71c87a225a2c70b50486fbee545'",
    "hash.sha1('x') == sha1('x')",
    "hash.sha256('x') == sha256('x')",
    "hash.md5('x') == md5('x')",
    "mylib_version == ''",
  ]);
  fails({ 'sha1(dyn(1))': 'no such overload: sha1(int)' });
  refuses({ 'md5(1)': "found no matching overload for 'md5' applied to '(int)'" });
});
