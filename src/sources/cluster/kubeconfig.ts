/** The context to use, as kubectl finds it. A file of its own, since the client library is large and seldom needed. */
import { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from './error.ts';

/**
 * @param context Empty: the current one.
 * @throws ClusterError
 */
export function readKubeconfig(context: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw new ClusterError(
      `the kubeconfig cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
  const names = config.getContexts().map(({ name }) => name);
  // What the library makes up where it finds nothing: a server on this machine, without encryption.
  if (names.length === 1 && config.getCurrentCluster()?.server === 'http://localhost:8080')
    throw new ClusterError('there is no kubeconfig: neither KUBECONFIG nor ~/.kube/config names a cluster');
  if (context !== '') {
    if (!names.includes(context))
      throw new ClusterError(
        `the kubeconfig has no context ${context}; it has ${names.join(', ') || 'none'}`,
      );
    config.setCurrentContext(context);
  }
  const current = config.getCurrentContext();
  if (!names.includes(current))
    throw new ClusterError(`the kubeconfig has no current context; it has ${names.join(', ') || 'none'}`);
  if (config.getCurrentCluster() === null)
    throw new ClusterError(`the kubeconfig does not say which cluster context ${current} means`);
  return config;
}
