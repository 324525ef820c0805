import type { YamlFile } from '../values.ts';

/** A chart with everything that decides what it renders to. */
export interface Release {
  /** What findings say it was rendered for. */
  readonly environment: string | undefined;
  readonly releaseName: string;
  readonly namespace: string;
  /** In the order in which Helm merges them. */
  readonly values: readonly ValuesLayer[];
  /** `--set`, `--set-string`, … with their argument. */
  readonly settings: readonly (readonly [flag: string, setting: string])[];
  readonly kubeVersion: string | undefined;
  readonly apiVersions: readonly string[];
  readonly skipCrds: boolean;
}

export interface ValuesLayer {
  readonly yaml: YamlFile;
  /** The file as results show it; of values inside another document, that document's file. */
  readonly file: string;
  /** Where in the document they stand. */
  readonly pointer: string;
}
