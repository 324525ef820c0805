package main

import (
	"encoding/json"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	psa "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func init() {
	commands["pss-controls"] = pssControls
	commands["pss"] = pss
}

// pssLastMinor lies beyond the last minor version that any check knows, to see that newer versions are the last one.
const pssLastMinor = 40

// pssStep is what holds from one minor version of the standards on, until the next step.
type pssStep struct {
	Since      int      `json:"since"`
	Baseline   []string `json:"baseline"`
	Restricted []string `json:"restricted"`
}

type pssAnswer struct {
	// Error is why the object cannot be decoded; the API server would refuse it before any check.
	Error string `json:"error,omitempty"`
	// Absent: the object carries no pod, so nothing is checked.
	Absent bool `json:"absent,omitempty"`
	// Forbidden holds the checks that forbid the pod, per level.
	Forbidden []pssStep `json:"forbidden,omitempty"`
}

// pssControls answers which checks each level runs, per version, after overrides.
func pssControls(json.RawMessage) any {
	return pssSteps(&metav1.ObjectMeta{}, &corev1.PodSpec{}, func(policy.CheckResult) bool { return true })
}

// pss decodes one Kubernetes object as the API server does and answers which checks forbid its pod.
func pss(request json.RawMessage) any {
	object, _, err := pssDecoder.Decode(request, nil, nil)
	if err != nil {
		return pssAnswer{Error: err.Error()}
	}
	metadata, spec := podOf(object)
	if spec == nil {
		return pssAnswer{Absent: true}
	}
	return pssAnswer{Forbidden: pssSteps(metadata, spec, func(r policy.CheckResult) bool { return !r.Allowed })}
}

func pssSteps(metadata *metav1.ObjectMeta, spec *corev1.PodSpec, wanted func(policy.CheckResult) bool) []pssStep {
	var steps []pssStep
	for minor := 0; minor <= pssLastMinor; minor++ {
		version := psa.MajorMinorVersion(1, minor)
		step := pssStep{
			Since:      minor,
			Baseline:   pssIDs(psa.LevelBaseline, version, metadata, spec, wanted),
			Restricted: pssIDs(psa.LevelRestricted, version, metadata, spec, wanted),
		}
		last := len(steps) - 1
		if last < 0 || !slices.Equal(steps[last].Baseline, step.Baseline) || !slices.Equal(steps[last].Restricted, step.Restricted) {
			steps = append(steps, step)
		}
	}
	return steps
}

func pssIDs(level psa.Level, version psa.Version, metadata *metav1.ObjectMeta, spec *corev1.PodSpec, wanted func(policy.CheckResult) bool) []string {
	ids := []string{}
	for _, result := range pssEvaluator.EvaluatePod(psa.LevelVersion{Level: level, Version: version}, metadata, spec) {
		if wanted(result) {
			ids = append(ids, result.ForbiddenReason)
		}
	}
	slices.Sort(ids)
	return ids
}

// podOf is the metadata and spec that pod security admission looks at: a template that is a nil pointer is not looked at,
// an empty one is.
func podOf(object runtime.Object) (*metav1.ObjectMeta, *corev1.PodSpec) {
	switch o := object.(type) {
	case *corev1.Pod:
		return &o.ObjectMeta, &o.Spec
	case *corev1.PodTemplate:
		return &o.Template.ObjectMeta, &o.Template.Spec
	case *corev1.ReplicationController:
		if o.Spec.Template == nil {
			return nil, nil
		}
		return &o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec
	case *appsv1.ReplicaSet:
		return &o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec
	case *appsv1.Deployment:
		return &o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec
	case *appsv1.DaemonSet:
		return &o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec
	case *appsv1.StatefulSet:
		return &o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec
	case *batchv1.Job:
		return &o.Spec.Template.ObjectMeta, &o.Spec.Template.Spec
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template.ObjectMeta, &o.Spec.JobTemplate.Spec.Template.Spec
	default:
		panic(fmt.Sprintf("no pod in a %T", object))
	}
}

var (
	pssDecoder   = newPSSDecoder()
	pssEvaluator = newPSSEvaluator()
)

func newPSSDecoder() runtime.Decoder {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, batchv1.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	return serializer.NewCodecFactory(scheme).UniversalDeserializer()
}

// newPSSEvaluator is the evaluator of pod security admission with all its checks, each of which signs its result with
// its ID: results come without one.
func newPSSEvaluator() policy.Evaluator {
	checks := policy.DefaultChecks()
	for _, check := range checks {
		for i := range check.Versions {
			inner := check.Versions[i].CheckPod
			check.Versions[i].CheckPod = func(metadata *metav1.ObjectMeta, spec *corev1.PodSpec) policy.CheckResult {
				result := inner(metadata, spec)
				result.ForbiddenReason = string(check.ID)
				return result
			}
		}
	}
	evaluator, err := policy.NewEvaluator(checks, nil)
	if err != nil {
		panic(err)
	}
	return evaluator
}
