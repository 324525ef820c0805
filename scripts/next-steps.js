// What `npm start` says after the findings.
console.log(`
That was examples/shop with the built-in library. Next:

  npx rampart scan PATH                              your own manifests
  npx rampart scan PATH --select framework=pss-restricted
  npx rampart scan PATH --policies POLICIES          your own ValidatingAdmissionPolicies
  npx rampart scan PATH --format sarif               for code scanning
  npx rampart scan --help                            everything else; docs/reference/cli.md says the same
`);
