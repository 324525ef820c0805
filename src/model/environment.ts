/** One way in which what lies in the scanned files is deployed. */
export interface Environment {
  /** Undefined where there is only one way. */
  readonly name: string | undefined;
  /** Charts by their folder, a glob: below the working directory, or without a slash at any depth; the last match counts. */
  readonly helm: Readonly<Record<string, HelmRelease>>;
  /** The file that says so, as results name files; absent: none does. */
  readonly file?: string;
}

/** How a chart is rendered. What is absent is as Helm has it. */
export interface HelmRelease {
  /** Without it: the name of the chart. */
  readonly releaseName?: string;
  /** Without it: that of the scan. */
  readonly namespace?: string;
  /** Values files, relative to the working directory; later ones win. */
  readonly values?: readonly string[];
  /** `key=value` as Helm's --set takes it; wins over files. */
  readonly set?: readonly string[];
  /** `v1.34` or `1.34.2`. Without it: the Kubernetes version of the scan. */
  readonly kubeVersion?: string;
  /** `.Capabilities.APIVersions` beside those of Kubernetes. */
  readonly apiVersions?: readonly string[];
}
