import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../app/usage.ts';
import { command } from './command.ts';
import { commandHelp } from './help.ts';
import { parse } from './parse.ts';

const sample = command({
  name: 'sample',
  summary: 'shows every kind of flag',
  description: [
    'A paragraph that is long enough to be folded at the right margin of the page, which is eighty.',
  ],
  positional: { name: 'PATH', description: 'what to read', min: 1 },
  flags: {
    all: { type: 'boolean', description: 'everything' },
    format: {
      type: 'string',
      hint: 'FORMAT',
      options: ['pretty', 'json'],
      default: 'pretty',
      description: 'how',
    },
    select: { type: 'string', hint: 'KEY=VALUE', multiple: true, description: 'which' },
    'no-color': { type: 'boolean', description: 'no colour' },
    context: { type: 'string', hint: 'FILE', description: 'a file with a name' },
  },
  examples: [{ line: 'rampart sample x', says: 'does it' }],
  run: async () => 0,
});

function refusal(...words: string[]): string {
  try {
    parse(sample, words);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return [error.message, error.hint].filter((part) => part !== undefined).join('; ');
  }
  return assert.fail('accepted');
}

test('flags keep their type, repeated ones all their values', () => {
  const { positionals, flags } = parse(sample, [
    'a',
    '--select',
    'x=1',
    '-',
    '--select=y=2',
    '--all',
    '--no-color',
    '--',
    '--b',
  ]);
  assert.deepEqual(positionals, ['a', '-', '--b']);
  assert.deepEqual(flags, {
    all: true,
    format: 'pretty',
    select: ['x=1', 'y=2'],
    'no-color': true,
    context: undefined,
  });
});

test('what is not known, not complete or said twice is refused with the nearest name', () => {
  assert.equal(refusal('a', '--formt', 'json'), 'unknown flag --formt; did you mean --format?');
  assert.equal(refusal('a', '--zzzzzz'), 'unknown flag --zzzzzz; rampart sample --help lists the flags');
  assert.equal(refusal('a', '-x'), 'unknown flag -x; rampart sample --help lists the flags');
  assert.equal(refusal('a', '--no-colour'), 'unknown flag --no-colour; did you mean --no-color?');
  assert.equal(
    refusal('a', '--constructor', 'x'),
    'unknown flag --constructor; rampart sample --help lists the flags',
  );
  assert.equal(
    refusal('a', '--format', 'jsn'),
    '--format is one of pretty, json; got jsn; did you mean json?',
  );
  assert.equal(refusal('a', '--format'), '--format needs a value: --format FORMAT');
  assert.equal(refusal('a', '--context', '--all'), '--context needs a value: --context FILE');
  assert.equal(refusal('a', '--context', 'x', '--context', 'y'), '--context is given more than once');
  assert.equal(refusal('a', '--all=yes'), '--all takes no value but true or false, got yes');
  assert.equal(refusal(), 'rampart sample needs a PATH; rampart sample --help says what it takes');
});

test('help names every flag and fits 80 columns', () => {
  const help = commandHelp(sample);
  for (const flag of Object.keys(sample.flags)) assert.ok(help.includes(`--${flag}`));
  assert.ok(help.split('\n').every((line) => line.length <= 80));
});
