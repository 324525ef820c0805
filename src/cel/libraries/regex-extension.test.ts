import { describe } from 'node:test';
import { kubernetesLibraries, LATEST_MINOR } from './kubernetes.ts';
import { regexExtension } from './regex-extension.ts';
import { fails, holds } from './testing.ts';

describe('regex.*', () => {
  const options = { libraries: [...kubernetesLibraries(LATEST_MINOR), regexExtension] };
  holds(
    [
      "regex.replace('hello world hello', 'hello', 'hi') == 'hi world hi'",
      "regex.replace('banana', 'a', 'x', 0) == 'banana'",
      "regex.replace('banana', 'a', 'x', 1) == 'bxnana'",
      "regex.replace('banana', 'a', 'x', -12) == 'bxnxnx'",
      "regex.replace('foo bar', '(fo)o (ba)r', r'\\2 \\1') == 'ba fo'",
      "regex.replace('ab', '(a)|b', r'[\\1\\\\]') == '[a\\\\][\\\\]'",
      "regex.replace('', '', 'x') == 'x'",
      "regex.replace('ab', '', '-') == '-a-b-'",
      "regex.replace('x', 'y', r'\\9') == 'x'",
      "regex.extract('hello world', 'hello(.*)') == optional.of(' world')",
      "regex.extract('item-A, item-B', 'item-(\\\\w+)') == optional.of('A')",
      "regex.extract('HELLO', 'hello') == optional.none()",
      "regex.extract('b', '(a)?b') == optional.none()",
      "regex.extract('b', 'a?') == optional.of('')",
      "regex.extractAll('id:123, id:456', 'id:\\\\d+') == ['id:123', 'id:456']",
      "regex.extractAll('id:123, id:', 'id:(\\\\d*)') == ['123']",
      "regex.extractAll('id:123', 'assa') == []",
    ],
    options,
  );
  fails(
    {
      "regex.replace('test', '(.)', r'\\2')":
        'replacement string references group 2 but regex has only 1 group(s)',
      "regex.replace('id=123', 'id', r'\\v')":
        "invalid replacement string: '\\v' \\ must be followed by a digit or \\",
      "regex.replace('id', 'id', '\\\\')": "invalid replacement string: '\\' \\ not allowed at end",
      "regex.extract('a', '(')": 'error parsing regexp: missing closing ): `(`',
      "regex.extract('a@b', '(.*)@([^.]*)')":
        'regular expression has more than one capturing group: "(.*)@([^.]*)"',
      "regex.extractAll('a@b', '(.*)@([^.]*)')":
        'regular expression has more than one capturing group: "(.*)@([^.]*)"',
    },
    options,
  );
});
