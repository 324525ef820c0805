/**
 * Makes data/kubernetes/fields.json from the Go types of Kubernetes' API: how a field that holds nothing looks once the
 * API server has decoded the object. OpenAPI does not tell.
 *
 *     node scripts/kubernetes-fields.ts
 *
 * Needs Go on the path and its module proxy. Each definition lists its fields, with a sign before the name:
 * `-` left out when it holds its type's zero value, `+` always there as an object, `0` always there as a zero value.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MODULES = [
  ['k8s.io/api@v0.37.2', 'io.k8s.api', '.'],
  ['k8s.io/apimachinery@v0.37.2', 'io.k8s.apimachinery.pkg.apis', 'pkg/apis'],
] as const;

type Category = 'struct' | 'pointer' | 'list' | 'scalar' | 'other';

interface GoType {
  readonly package: string;
  readonly body: string | undefined;
  readonly text: string;
}

const types = new Map<string, GoType>();

function main(): void {
  for (const [module, prefix, folder] of MODULES) readModule(join(download(module), folder), prefix);
  const definitions = [...types]
    .filter(([, { body }]) => body !== undefined)
    .map(([name, type]) => [name, signs(type).join(' ')] as const)
    .filter(([, text]) => text !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = definitions.map(([name, text]) => `  ${JSON.stringify(name)}: ${JSON.stringify(text)}`);
  const origin = MODULES.map(([module]) => module).join(', ');
  const text = `{\n "origin": ${JSON.stringify(origin)},\n "definitions": {\n${lines.join(',\n')}\n }\n}\n`;
  writeFileSync(join(import.meta.dirname, '..', 'data', 'kubernetes', 'fields.json'), text);
}

function download(module: string): string {
  const answer = execFileSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8' });
  return (JSON.parse(answer) as { Dir: string }).Dir;
}

function readModule(root: string, prefix: string): void {
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const [, group, version] =
      /^([a-z]+)\/(v\d\w*)\/(?!zz_|generated|.*_test)[\w]*types?[\w]*\.go$/.exec(entry) ?? [];
    if (group === undefined) continue;
    readFile(readFileSync(join(root, entry), 'utf8'), `${prefix}.${group}.${version}`);
  }
}

function readFile(text: string, name: string): void {
  for (const [, type, body] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm))
    types.set(`${name}.${type}`, { package: name, body: body!, text: 'struct' });
  for (const [, type, of] of text.matchAll(/^type (\w+) ([a-z[*][^\n{]*)$/gm))
    if (!types.has(`${name}.${type}`))
      types.set(`${name}.${type}`, { package: name, body: undefined, text: of!.trim() });
}

const FIELD = /^\t(\w+)\s+([\w.*[\]]+)\s+`[^`]*json:"([^"]*)"[^`]*`/;
/** A struct without a name of its own in Go, and with one in JSON: `metadata`. */
const NAMED = /^\t([\w.]+)\s+`[^`]*json:"(\w[^"]*)"[^`]*`/;
const EMBEDDED = /^\t([\w.]+)\s+`[^`]*json:"(?:,inline)?"[^`]*`/;

function signs({ package: name, body }: GoType): string[] {
  return body!.split('\n').flatMap((line): string[] => {
    const embedded = EMBEDDED.exec(line);
    if (embedded !== null) {
      const inner = types.get(nameOf(embedded[1]!, name));
      return inner?.body === undefined ? [] : signs(inner);
    }
    const [type, tag] = FIELD.exec(line)?.slice(2) ?? NAMED.exec(line)?.slice(1) ?? [];
    if (type === undefined) return [];
    const [field, ...options] = tag!.split(',');
    if (field === '' || field === '-' || options.includes('omitzero')) return [];
    return signOf(field!, categoryOf(type, name), options.includes('omitempty'));
  });
}

function signOf(field: string, category: Category, omitted: boolean): string[] {
  switch (category) {
    case 'struct':
      return [`+${field}`];
    case 'list':
    case 'scalar':
      return [omitted ? `-${field}` : `0${field}`];
    default:
      return [];
  }
}

/** Times and numbers-or-strings write themselves in ways of their own. */
const OTHERS = new Set([
  'metav1.Time',
  'metav1.MicroTime',
  'intstr.IntOrString',
  'runtime.RawExtension',
  'types.UID',
]);

function categoryOf(type: string, package_: string): Category {
  if (type.startsWith('*')) return 'pointer';
  if (type.startsWith('[') || type.startsWith('map[')) return 'list';
  if (type === 'resource.Quantity') return 'struct';
  if (type === 'types.UID') return 'scalar';
  if (OTHERS.has(type)) return 'other';
  if (/^(string|bool|u?int(8|16|32|64)?|byte|float64)$/.test(type)) return 'scalar';
  const named = types.get(nameOf(type, package_));
  if (named === undefined) return 'other';
  return named.body !== undefined ? 'struct' : categoryOf(named.text, named.package);
}

function nameOf(type: string, package_: string): string {
  const [alias, name] = type.split('.') as [string, string?];
  if (name === undefined) return `${package_}.${alias}`;
  if (alias === 'metav1') return `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`;
  if (alias === 'v1' || alias === 'corev1' || alias === 'apiv1') return `io.k8s.api.core.v1.${name}`;
  const [, group, version] = /^([a-z]+)(v\d\w*)$/.exec(alias) ?? [];
  return `io.k8s.api.${group}.${version}.${name}`;
}

main();
