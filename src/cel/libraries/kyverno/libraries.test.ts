import { describe } from 'node:test';
import { holds, refuses } from './testing.ts';

describe('what every policy of Kyverno has', () => {
  holds([
    "quantity('1Gi').isGreaterThan(quantity('1Mi'))",
    "semver('1.2.3').major() == 1",
    "ip('10.0.0.1').family() == 4 && cidr('10.0.0.0/8').containsIP('10.0.0.1')",
    "url('https://a/b').getHost() == 'a'",
    "'abc'.find('b') == 'b'",
    "['b', 'a'].isSorted() == false",
    'sets.contains([1], [1]) && sets.equivalent([1], [1])',
    "'%s'.format(['x']) == 'x'",
    'cel.bind(x, 1, x + 1) == 2',
    "base64.encode(b'a') == 'YQ=='",
    "regex.extract('ab', 'a(b)').value() == 'b'",
    '[3, 1].sort() == [1, 3]',
    "!proto.hasExt(dyn({}), a.b) && proto.getExt(dyn({'a.b': 1}), a.b) == 1",
    '1 < 1.5',
  ]);
  refuses({
    "[1, 'a']": "expected type 'int' but found 'string'",
    "duration('x')": 'invalid duration argument',
    'proto.getExt(dyn({}), 1)': 'invalid extension field',
  });
});

describe('policies that may mix types in literals', () => {
  holds(["[1, 'a'].size() == 2"], { mixedLiterals: true });
});
