package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	_ "unsafe" // for go:linkname

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/matching"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/warning"
	corelisters "k8s.io/client-go/listers/core/v1"
)

// admRequest is one policy with its surroundings, and requests to it.
type admRequest struct {
	Policy   json.RawMessage   `json:"policy"`
	Bindings []json.RawMessage `json:"bindings"`
	Params   []json.RawMessage `json:"params"`
	// Namespaces are all there are.
	Namespaces []*corev1.Namespace `json:"namespaces"`
	// Kinds are all the resources the server serves.
	Kinds []admKind `json:"kinds"`
	// Answers of the authorizer, by the key of the check (see checkKey).
	Answers  map[string]celDecision `json:"answers"`
	Requests []admAdmission         `json:"requests"`
}

// admAdmission is admission.Attributes.
type admAdmission struct {
	Operation   admission.Operation         `json:"operation"`
	Kind        schema.GroupVersionKind     `json:"kind"`
	Resource    schema.GroupVersionResource `json:"resource"`
	Subresource string                      `json:"subresource"`
	Name        string                      `json:"name"`
	Namespace   string                      `json:"namespace"`
	Object      json.RawMessage             `json:"object"`
	OldObject   json.RawMessage             `json:"oldObject"`
	Options     json.RawMessage             `json:"options"`
	DryRun      bool                        `json:"dryRun"`
	UserInfo    admUser                     `json:"userInfo"`
}

type admUser struct {
	Username string              `json:"username"`
	UID      string              `json:"uid"`
	Groups   []string            `json:"groups"`
	Extra    map[string][]string `json:"extra"`
}

// admAnswer is what the plugin made of a request, and how it came to it.
type admAnswer struct {
	// Asked: the plugin asked the policy at all, so the resource is none of those exempt from policies.
	Asked bool `json:"asked"`
	// Matched: absent when the definition was not asked, or asking it failed.
	Matched         *bool                        `json:"matched,omitempty"`
	MatchError      string                       `json:"matchError,omitempty"`
	MatchedKind     *schema.GroupVersionKind     `json:"matchedKind,omitempty"`
	MatchedResource *schema.GroupVersionResource `json:"matchedResource,omitempty"`
	Bindings        []*admBindingAnswer          `json:"bindings"`
	Warnings        []string                     `json:"warnings"`
	Annotations     map[string]string            `json:"annotations"`
	Denial          *admDenial                   `json:"denial,omitempty"`
}

type admBindingAnswer struct {
	Name    string   `json:"name"`
	Matched bool     `json:"matched"`
	Error   string   `json:"error,omitempty"`
	Runs    []admRun `json:"runs"`
}

// admRun is one evaluation, with one object of parameters or none.
type admRun struct {
	Decisions   []admDecision   `json:"decisions"`
	Annotations []admAnnotation `json:"annotations"`
}

type admDecision struct {
	Action     string `json:"action"`
	Evaluation string `json:"evaluation"`
	Message    string `json:"message"`
	Reason     string `json:"reason"`
}

type admAnnotation struct {
	Key    string `json:"key"`
	Action string `json:"action"`
	Value  string `json:"value"`
	Error  string `json:"error"`
}

// admDenial: Message is that of the policy; where the plugin failed as a whole, of the plugin, and Policy is false.
type admDenial struct {
	Policy  bool   `json:"policy"`
	Message string `json:"message"`
	Reason  string `json:"reason"`
	Code    int32  `json:"code"`
}

func init() {
	commands["admission"] = admissionPlugin
}

// admissionPlugin runs the ValidatingAdmissionPolicy plugin on requests to one policy.
func admissionPlugin(raw json.RawMessage) any {
	var request admRequest
	if err := json.Unmarshal(raw, &request); err != nil {
		panic("bad request: " + err.Error())
	}
	world := newAdmWorld(&request)
	answers := make([]*admAnswer, len(request.Requests))
	for i := range request.Requests {
		answers[i] = world.admit(&request.Requests[i])
	}
	return answers
}

// compilePolicy is what the plugin compiles a policy with; it is not exported.
//
//go:linkname compilePolicy k8s.io/apiserver/pkg/admission/plugin/policy/validating.compilePolicy
func compilePolicy(policy *validating.Policy) validating.Validator

// admWorld is a cluster with one policy.
type admWorld struct {
	interfaces admission.ObjectInterfaces
	hook       validating.PolicyHook
	namespaces corelisters.NamespaceLister
	authorizer authorizer.UnconditionalAuthorizer
}

func newAdmWorld(request *admRequest) *admWorld {
	return &admWorld{
		interfaces: newAdmInterfaces(request.Kinds),
		hook:       newAdmHook(request),
		namespaces: newAdmNamespaces(request.Namespaces),
		authorizer: &celAuthorizer{Answers: request.Answers},
	}
}

func newAdmHook(request *admRequest) validating.PolicyHook {
	policy := storedPolicy(request.Policy)
	hook := validating.PolicyHook{Policy: policy, Evaluator: compilePolicy(policy)}
	for _, binding := range request.Bindings {
		hook.Bindings = append(hook.Bindings, storedBinding(binding))
	}
	// The API server has them in no order.
	slices.SortFunc(hook.Bindings, func(a, b *validating.PolicyBinding) int { return strings.Compare(a.Name, b.Name) })
	if kind := policy.Spec.ParamKind; kind != nil {
		group, err := schema.ParseGroupVersion(kind.APIVersion)
		if err != nil {
			panic(err)
		}
		gvk := group.WithKind(kind.Kind)
		index := slices.IndexFunc(request.Kinds, func(k admKind) bool { return k.gvk() == gvk && k.Subresource == "" })
		if index < 0 {
			panic("paramKind is none of the kinds")
		}
		known := request.Kinds[index]
		hook.ParamScope = meta.RESTScopeRoot
		if known.Namespaced {
			hook.ParamScope = meta.RESTScopeNamespace
		}
		hook.ParamInformer = newAdmParams(known, request.Params)
	}
	return hook
}

// admit asks the generic plugin, which leaves the exempt resources out, which asks the dispatcher.
func (w *admWorld) admit(request *admAdmission) *admAnswer {
	answer := &admAnswer{Bindings: []*admBindingAnswer{}, Warnings: []string{}, Annotations: map[string]string{}}
	attributes := &admAttributes{Attributes: request.attributes(), answer: answer}
	ctx := warning.WithWarningRecorder(context.Background(), &admWarnings{answer})
	ctx = context.WithValue(ctx, admKey{}, func(ctx context.Context, a admission.Attributes, o admission.ObjectInterfaces) error {
		answer.Asked = true
		matcher := &admMatcher{generic.NewPolicyMatcher(matching.NewMatcher(w.namespaces, admClient)), answer}
		hook := w.hook
		hook.Evaluator = &admValidator{w.hook.Evaluator, answer}
		return validating.NewDispatcher(w.authorizer, matcher).Dispatch(ctx, a, o, []validating.PolicyHook{hook})
	})
	if err := admPlugin().Dispatch(ctx, attributes, w.interfaces); err != nil {
		answer.Denial = denialOf(err)
	}
	return answer
}

func denialOf(err error) *admDenial {
	var status *apierrors.StatusError
	if !errors.As(err, &status) {
		return &admDenial{Message: err.Error()}
	}
	denial := &admDenial{Message: err.Error(), Reason: string(status.ErrStatus.Reason), Code: status.ErrStatus.Code}
	if details := status.ErrStatus.Details; details != nil && len(details.Causes) > 0 {
		denial.Policy = true
		denial.Message = details.Causes[len(details.Causes)-1].Message
	}
	return denial
}

func (r *admAdmission) attributes() admission.Attributes {
	return admission.NewAttributesRecord(
		decodeAdmObject(r.Object), decodeAdmObject(r.OldObject), r.Kind, r.Namespace, r.Name, r.Resource, r.Subresource,
		r.Operation, decodeAdmOptions(r.Options), r.DryRun,
		&user.DefaultInfo{Name: r.UserInfo.Username, UID: r.UserInfo.UID, Groups: r.UserInfo.Groups, Extra: r.UserInfo.Extra},
	)
}

// The recorders: each passes on to what it records.

type admAttributes struct {
	admission.Attributes
	answer *admAnswer
}

func (a *admAttributes) AddAnnotation(key, value string) error {
	err := a.Attributes.AddAnnotation(key, value)
	if err == nil {
		a.answer.Annotations[key] = value
	}
	return err
}

type admWarnings struct{ answer *admAnswer }

func (w *admWarnings) AddWarning(_, text string) {
	w.answer.Warnings = append(w.answer.Warnings, text)
}

type admMatcher struct {
	generic.PolicyMatcher
	answer *admAnswer
}

func (m *admMatcher) DefinitionMatches(a admission.Attributes, o admission.ObjectInterfaces, definition generic.PolicyAccessor) (bool, schema.GroupVersionResource, schema.GroupVersionKind, error) {
	matched, resource, kind, err := m.PolicyMatcher.DefinitionMatches(a, o, definition)
	if err != nil {
		m.answer.MatchError = err.Error()
	} else {
		m.answer.Matched = &matched
	}
	if matched {
		m.answer.MatchedResource, m.answer.MatchedKind = &resource, &kind
	}
	return matched, resource, kind, err
}

func (m *admMatcher) BindingMatches(a admission.Attributes, o admission.ObjectInterfaces, binding generic.BindingAccessor) (bool, error) {
	matched, err := m.PolicyMatcher.BindingMatches(a, o, binding)
	entry := &admBindingAnswer{Name: binding.GetName(), Matched: matched, Runs: []admRun{}}
	if err != nil {
		entry.Error = err.Error()
	}
	m.answer.Bindings = append(m.answer.Bindings, entry)
	return matched, err
}

type admValidator struct {
	validating.Validator
	answer *admAnswer
}

func (v *admValidator) Validate(ctx context.Context, resource schema.GroupVersionResource, attributes *admission.VersionedAttributes, params runtime.Object, namespace *corev1.Namespace, budget int64, authz authorizer.UnconditionalAuthorizer) validating.ValidateResult {
	result := v.Validator.Validate(ctx, resource, attributes, params, namespace, budget, authz)
	run := admRun{Decisions: []admDecision{}, Annotations: []admAnnotation{}}
	for _, d := range result.Decisions {
		run.Decisions = append(run.Decisions, admDecision{string(d.Action), string(d.Evaluation), d.Message, string(d.Reason)})
	}
	for _, a := range result.AuditAnnotations {
		run.Annotations = append(run.Annotations, admAnnotation{a.Key, string(a.Action), a.Value, a.Error})
	}
	binding := v.answer.Bindings[len(v.answer.Bindings)-1]
	binding.Runs = append(binding.Runs, run)
	return result
}

// admDispatcher lets each request bring its own policies to the one generic plugin.
type admDispatcher struct{}

type admKey struct{}

type admDispatch = func(context.Context, admission.Attributes, admission.ObjectInterfaces) error

func (admDispatcher) Start(context.Context) error { return nil }

func (admDispatcher) Dispatch(ctx context.Context, a admission.Attributes, o admission.ObjectInterfaces, _ []validating.PolicyHook) error {
	dispatch, ok := ctx.Value(admKey{}).(admDispatch)
	if !ok {
		return fmt.Errorf("no policy in the context")
	}
	return dispatch(ctx, a, o)
}

func decodeAdmOptions(raw json.RawMessage) runtime.Object {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var head metav1.TypeMeta
	if err := json.Unmarshal(raw, &head); err != nil {
		panic(err)
	}
	var options runtime.Object
	switch head.Kind {
	case "CreateOptions":
		options = &metav1.CreateOptions{}
	case "UpdateOptions":
		options = &metav1.UpdateOptions{}
	case "DeleteOptions":
		options = &metav1.DeleteOptions{}
	default:
		panic("unknown options " + head.Kind)
	}
	if err := json.Unmarshal(raw, options); err != nil {
		panic(err)
	}
	return options
}
