/** Text of a policy must never become code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEnvironment } from '../environment.ts';
import { bindings, kubernetesLibraries } from '../libraries/index.ts';
import { DYN } from '../types.ts';
import type { Value } from '../values.ts';
import { generateSource } from './generate.ts';
import { HELPERS } from './links.ts';
import { isPlainName, literal } from './names.ts';

const environment = createEnvironment({
  variables: { object: DYN },
  libraries: [...kubernetesLibraries(37), bindings],
  engine: 'generate',
});

/** Everything generated code may say besides literals. */
const VOCABULARY = new Set([
  ...Object.keys(HELPERS),
  ...(
    'use strict const h impl callee callCost structs values Set Uint8Array n return function arguments vars limit deadline exact nextStop let cost stop try catch undefined for of ' +
    'if else break throw true false null typeof instanceof new Map Array isArray length push includes startsWith ' +
    'endsWith has test constructor Object value ok e size string number boolean bigint object'
  ).split(' '),
]);

const HOSTILE = [
  '"',
  "'",
  '`',
  '\\',
  '\\"',
  '"];globalThis.escaped=1;//',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the point
  '${globalThis.escaped=1}',
  '`+(globalThis.escaped=1)+`',
  '*/globalThis.escaped=1/*',
  '</script>',
  '\n',
  '\r\n',
  '\u2028globalThis.escaped=1',
  '\u2029',
  '\0',
  '\ud800',
  '\udc00\ud800',
  '__proto__',
  'constructor',
  '${',
  '\\u0022',
  '\\u{22}',
];

/** The code of an expression with its string literals taken out: only words of ours may be left. */
function assertHarmless(text: string): void {
  const compiled = environment.compile(text);
  if (!compiled.ok) return;
  const source = generateSource(compiled.program.plan);
  if (source === undefined) return;
  const bare = source.code.replaceAll(/"(?:[^"\\\n\r\u2028\u2029]|\\.)*"/g, '');
  assert.ok(
    !/["'`\\]/.test(bare.replaceAll(/'(?:string|number|boolean|bigint|object)'|''/g, '')),
    source.code,
  );
  for (const [word] of bare.matchAll(/[A-Za-z_$][A-Za-z0-9_$]*/g)) {
    assert.ok(VOCABULARY.has(word) || /^[tk]\d+$/.test(word), `${word} in\n${source.code}`);
  }
}

function celString(text: string): string {
  const escaped = Array.from(
    text.toWellFormed(),
    (char) => `\\U${char.codePointAt(0)!.toString(16).padStart(8, '0')}`,
  );
  return `"${escaped.join('')}"`;
}

const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...HOSTILE), { maxLength: 4 }).map((parts) => parts.join('')),
);

test('strings stay data, whatever they hold', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const quoted = celString(text);
      const well = text.toWellFormed();
      for (const expression of [
        quoted,
        `object[${quoted}]`,
        `${quoted} in object`,
        `object == ${quoted}`,
        `object in [${quoted}, 'x']`,
        `{${quoted}: ${quoted}}[${quoted}]`,
        `object.startsWith(${quoted})`,
        `[${quoted}].all(s, s == ${quoted})`,
        `object.?a[?${quoted}].orValue(${quoted})`,
      ]) {
        assertHarmless(expression);
      }
      const compiled = environment.compile(`[dyn(${quoted}), object[${quoted}]]`);
      assert.ok(compiled.ok);
      const object = Object.fromEntries([[well, 1]]) as Value;
      Object.defineProperty(object, well, { value: 1, enumerable: true, configurable: true });
      const outcome = compiled.program.evaluate({ object });
      assert.ok(outcome.ok);
      assert.deepEqual(outcome.value, [well, 1]);
      assert.equal((globalThis as { escaped?: number }).escaped, undefined);
    }),
    { numRuns: 300 },
  );
});

test('field names stay names, also those in backticks', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_./ -]{1,20}$/);
  fc.assert(
    fc.property(name, (field) => {
      for (const expression of [`object.\`${field}\``, `has(object.\`${field}\`)`, `object.?\`${field}\``]) {
        assertHarmless(expression);
      }
    }),
    { numRuns: 300 },
  );
});

test('identifiers of an expression are not those of the code', () => {
  for (const name of [
    't0',
    'k0',
    'cost',
    'vars',
    'stop',
    'exact',
    'limit',
    'eval',
    'arguments',
    'this',
    'Map',
    'e',
  ]) {
    assertHarmless(`[1, 2].all(${name}, ${name} > 0) && [3].exists(${name}, [${name}].all(x, x == 3))`);
    const compiled = environment.compile(`[1, 2].map(${name}, ${name} * 2) == [2, 4]`);
    assert.ok(compiled.ok, name);
    const outcome = compiled.program.evaluate({ object: null });
    assert.ok(outcome.ok && outcome.value === true, name);
  }
});

test('a literal is read back as what it was', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      assert.equal(new Function(`return ${literal(text)}`)(), text);
    }),
  );
});

test('no name that anything inherits counts as plain', () => {
  const values: unknown[] = [{}, [], '', 0, true, 0n, new Uint8Array(), new Map(), Object(1.5)];
  for (const value of values) {
    for (let at = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
      for (const name of Object.getOwnPropertyNames(at)) assert.equal(isPlainName(name), false, name);
    }
  }
  for (const name of ['0', '12', '-1', '$value', '']) assert.equal(isPlainName(name), false, name);
});
