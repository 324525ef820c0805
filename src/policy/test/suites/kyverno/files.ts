/** Files that a suite names: relative to it, single or by the folder. */
import type { Problem, Resource } from '../../../../model/index.ts';
import { read, type ShapeIssue } from '../../../shape/read.ts';
import type { Infer, ObjectShape } from '../../../shape/shape.ts';
import { beside, join } from '../../folders.ts';
import type { TestIo } from '../../io.ts';

/** Something a suite names is missing or not what it should be. */
export class SuiteFault extends Error {
  readonly pointer: string;

  constructor(pointer: string, message: string) {
    super(message);
    this.pointer = pointer;
  }
}

export interface Reader {
  /** Objects of the files; `pointer` is where the list of them stands in the suite. */
  objects(paths: readonly string[] | undefined, pointer: string): Resource[];
  /** The one document of a file, in its shape. */
  document<S extends ObjectShape>(shape: S, path: string, pointer: string): Infer<S>;
  /** The one value of a file. */
  value(path: string, pointer: string): unknown;
}

export function createReader(suite: string, io: TestIo): Reader {
  const fault = (pointer: string, path: string, detail: string) =>
    new SuiteFault(pointer, `${path}: ${detail}`);
  const open = <T>(path: string, pointer: string, use: (file: string) => T): T => {
    if (/^https?:/.test(path)) throw fault(pointer, path, 'files elsewhere are not fetched');
    try {
      return use(beside(suite, path));
    } catch (thrown) {
      throw fault(pointer, path, thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  const value = (path: string, pointer: string): unknown =>
    open(path, pointer, (file) => io.value(io.read(file), file));
  return {
    value,
    document: (shape, path, pointer) => {
      const { value: found, issues } = read(shape, value(path, pointer));
      if (issues.length > 0) throw fault(pointer, path, describe(issues[0]!));
      return found;
    },
    objects: (paths = [], pointer) =>
      [...new Set(paths)].flatMap((path, i) =>
        open(path, `${pointer}/${i}`, (place) => filesAt(place, io).flatMap((file) => objectsOf(file, io))),
      ),
  };
}

function objectsOf(file: string, io: TestIo): readonly Resource[] {
  const { resources, problems } = io.parse(io.read(file), file);
  const problem = problems.find(isFatal);
  if (problem !== undefined) throw new Error(problem.detail);
  return resources;
}

/** Documents that are no Kubernetes objects lie beside them in many folders. */
function isFatal({ reason }: Pick<Problem, 'reason'>): boolean {
  return reason !== 'not-kubernetes';
}

function describe({ pointer, message }: ShapeIssue): string {
  return pointer === '' ? message : `${pointer}: ${message}`;
}

function filesAt(path: string, io: TestIo): string[] {
  const entries = io.list(path);
  if (entries === null) return [path];
  return entries.flatMap(({ name, folder }) => {
    if (folder) return filesAt(join(path, name), io);
    return /\.(ya?ml|json)$/i.test(name) ? [join(path, name)] : [];
  });
}
