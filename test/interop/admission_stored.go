package main

import (
	"encoding/json"
	"fmt"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	registrationv1 "k8s.io/kubernetes/pkg/apis/admissionregistration/v1"
	registrationv1beta1 "k8s.io/kubernetes/pkg/apis/admissionregistration/v1beta1"
	"k8s.io/kubernetes/pkg/apis/admissionregistration/validation"
)

func init() {
	commands["admission-validation"] = func(raw json.RawMessage) any {
		return map[string][]string{"errors": validateAdmission(raw)}
	}
}

// validateAdmission says why the API server refuses to create a policy or binding; empty when it does not.
func validateAdmission(raw json.RawMessage) []string {
	object, err := runtime.Decode(registrationDecoder, raw)
	if err != nil {
		return []string{err.Error()}
	}
	messages := []string{}
	switch o := object.(type) {
	case *admissionregistration.ValidatingAdmissionPolicy:
		for _, err := range validation.ValidateValidatingAdmissionPolicy(o) {
			messages = append(messages, err.Error())
		}
	case *admissionregistration.ValidatingAdmissionPolicyBinding:
		for _, err := range validation.ValidateValidatingAdmissionPolicyBinding(o) {
			messages = append(messages, err.Error())
		}
	default:
		panic(fmt.Sprintf("no policy: %T", object))
	}
	return messages
}

// storedPolicy is a policy as the plugin sees it: decoded and defaulted by the API server.
func storedPolicy(raw json.RawMessage) *admissionv1.ValidatingAdmissionPolicy {
	policy := &admissionv1.ValidatingAdmissionPolicy{}
	decodeStored(raw, policy)
	return policy
}

func storedBinding(raw json.RawMessage) *admissionv1.ValidatingAdmissionPolicyBinding {
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{}
	decodeStored(raw, binding)
	return binding
}

func decodeStored(raw json.RawMessage, into runtime.Object) {
	object, err := runtime.Decode(registrationDecoder, raw)
	if err != nil {
		panic(err)
	}
	if err := registrationScheme.Convert(object, into, nil); err != nil {
		panic(err)
	}
}

var (
	registrationScheme  = newRegistrationScheme()
	registrationDecoder = serializer.NewCodecFactory(registrationScheme).UniversalDecoder(admissionregistration.SchemeGroupVersion)
)

func newRegistrationScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistration.AddToScheme, registrationv1.AddToScheme, registrationv1beta1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	return scheme
}
