import type { JsonMap, Problem, Resource } from '../../model/index.ts';
import type { EvaluationContext } from '../evaluate/context.ts';
import type { PolicySet } from '../load.ts';
import type { Settings } from '../settings/settings.ts';
import type { PolicySource } from '../source/places.ts';
import type { Folders } from './folders.ts';

/** Everything outside: files, their parser, the compiler. */
export interface TestIo extends Folders {
  /** Text of a file; throws when it cannot be read. */
  read(path: string): string;
  /** The Kubernetes objects of a file and what could not be read. */
  parse(
    text: string,
    file: string,
  ): { readonly resources: readonly Resource[]; readonly problems: readonly Problem[] };
  /** The one YAML or JSON document of a text; throws when it is none. */
  value(text: string, file: string): unknown;
  /** All documents of a text that hold something, each with its number; throws when one cannot be read. */
  values(text: string, file: string): readonly { readonly value: unknown; readonly document: number }[];
  /** Policies under given settings; compiling one text twice should cost nothing. */
  compile(documents: readonly Resource[], settings: Settings): PolicySet;
  /** The place of the value at a pointer, or of its nearest existing parent. */
  locate: PolicySource['locate'];
  /** A unified diff of two objects, from the expected to the actual one. */
  diff(expected: unknown, actual: unknown): string;
  /**
   * What evaluations know beside the case; depends on the settings' Kubernetes version.
   *
   * @param definitions CustomResourceDefinitions beside the built-in kinds.
   */
  context(settings: Settings, definitions?: readonly JsonMap[]): EvaluationContext;
}
