import type { RenderInput } from '../../model/index.ts';
import type { Place } from '../rendering.ts';

/** A chart with everything that decides what it renders to. */
export interface Release {
  /** What findings say it was rendered for. */
  readonly environment: string | undefined;
  readonly releaseName: string;
  readonly namespace: string;
  /** In the order in which Helm merges them. */
  readonly values: readonly ValuesLayer[];
  /** False: the chart's own values.yaml does not count. */
  readonly ownValues: boolean;
  /** `--set`, `--set-string`, … with their argument. */
  readonly settings: readonly (readonly [flag: string, setting: string])[];
  readonly kubeVersion: string | undefined;
  readonly apiVersions: readonly string[];
  readonly skipCrds: boolean;
  /** What says all this, beside values files. */
  readonly inputs: readonly RenderInput[];
}

export interface ValuesLayer {
  readonly value: unknown;
  /** As it is written; undefined: as JSON. */
  readonly text: string | undefined;
  /** Of a JSON Pointer into the value. */
  readonly place: (pointer: string) => Place;
  /** What it hangs on. */
  readonly inputs: readonly RenderInput[];
}
