import type { Command } from './command.ts';

/** Every command by the words that call it, each loaded when it is called. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  scan: async () => (await import('./scan.ts')).scanCommand as unknown as Command,
  test: async () => (await import('./test.ts')).testCommand as unknown as Command,
  serve: async () => (await import('./serve.ts')).serveCommand as unknown as Command,
  admission: async () => (await import('./admission.ts')).admissionCommand as unknown as Command,
  background: async () => (await import('./background.ts')).backgroundCommand as unknown as Command,
  status: async () => (await import('./status.ts')).statusCommand as unknown as Command,
  findings: async () => (await import('./findings.ts')).findingsCommand as unknown as Command,
  doctor: async () => (await import('./doctor.ts')).doctorCommand as unknown as Command,
  init: async () => (await import('./init.ts')).initCommand as unknown as Command,
  completion: async () => (await import('./completion.ts')).completionCommand(loadAll) as unknown as Command,
  explain: async () => (await import('./explain.ts')).explainCommand as unknown as Command,
  lock: async () => (await import('./lock.ts')).lockCommand as unknown as Command,
  'context pull': async () => (await import('./context-pull.ts')).contextPullCommand as unknown as Command,
  'policies list': async () => (await import('./policies-list.ts')).policiesListCommand as unknown as Command,
  'policies show': async () => (await import('./policies-show.ts')).policiesShowCommand as unknown as Command,
  'policies diff': async () => (await import('./policies-diff.ts')).policiesDiffCommand as unknown as Command,
  'policies readiness': async () =>
    (await import('./policies-readiness.ts')).policiesReadinessCommand as unknown as Command,
  'policies conflicts': async () =>
    (await import('./policies-conflicts.ts')).policiesConflictsCommand as unknown as Command,
  'policies convert': async () =>
    (await import('./policies-convert.ts')).policiesConvertCommand as unknown as Command,
  'policies check': async () =>
    (await import('./policies-check.ts')).policiesCheckCommand as unknown as Command,
  'snapshot build': async () =>
    (await import('./snapshot-build.ts')).snapshotBuildCommand as unknown as Command,
  'snapshot show': async () => (await import('./snapshot-show.ts')).snapshotShowCommand as unknown as Command,
  'snapshot diff': async () => (await import('./snapshot-diff.ts')).snapshotDiffCommand as unknown as Command,
  'webhook manifest': async () =>
    (await import('./webhook-manifest.ts')).webhookManifestCommand as unknown as Command,
  'exemptions import': async () =>
    (await import('./exemptions-import.ts')).exemptionsImportCommand as unknown as Command,
  'config show': async () => (await import('./config-show.ts')).configShowCommand as unknown as Command,
};

function loadAll(): Promise<readonly Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}
