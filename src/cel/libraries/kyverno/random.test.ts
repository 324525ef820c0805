import { describe } from 'node:test';
import { fails, holds, refuses } from './testing.ts';

describe('random', () => {
  holds([
    "random().matches('^[0-9a-z]{8}$')",
    "random.random().matches('^[0-9a-z]{8}$')",
    "random('[A-Z0-9]{8}-[[:digit:]]{4}').matches('^[A-Z0-9]{8}-[0-9]{4}$')",
    "random('^(a|b)c?$').matches('^[ab]c?$')",
    "random('x{2,4}').size() in [2, 3, 4]",
    "random('x{2}{2}') == 'xxxx'",
    "random('x{').size() == 2",
    'random("\\\\x41\\\\.\\\\101") == "A.A"',
    "random('.').size() == 1",
    "random('') == ''",
    'random() != random()',
  ]);
  fails({
    // Upstream's parser is given no flags, so none of Perl's classes.
    'random("\\\\d")': 'error parsing regexp: invalid escape sequence: `\\d`',
    "random('(?:x)')": 'error parsing regexp: missing argument to repetition operator: `?`',
    "random('*')": 'error parsing regexp: missing argument to repetition operator: `*`',
    "random('(a')": 'error parsing regexp: missing closing ): `(a`',
    "random('a)')": 'error parsing regexp: unexpected ): `a)`',
    "random('[a')": 'error parsing regexp: missing closing ]: `[a`',
    "random('[b-a]')": 'error parsing regexp: invalid character class range: `b-a`',
    "random('[[:x:]]')": 'error parsing regexp: invalid character class range: `[:x:]`',
    "random('x{1001}')": 'error parsing regexp: invalid repeat count: `{1001}`',
    "random('(x{100}){11}')": 'error parsing regexp: invalid repeat count: `{11}`',
    'random("\\\\")': 'error parsing regexp: trailing backslash at end of expression: ``',
  });
  refuses({ 'random(1)': "found no matching overload for 'random' applied to '(int)'" });
});
