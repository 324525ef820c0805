package main

import (
	"context"
	"time"

	"github.com/go-logr/logr"
	"github.com/julienschmidt/httprouter"
	"github.com/kyverno/kyverno/pkg/webhooks/handlers"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// review is what a webhook has for policies of one scope.
type review = func(context.Context, logr.Logger, handlers.AdmissionRequest, string, time.Time) handlers.AdmissionResponse

// reviewed calls the webhook's path for one policy, and adds what it says to what its engine told it, which is asked for
// afterwards.
func reviewed(policy metav1.Object, clustered, namespaced review, r *request, told func() answer) answer {
	call := clustered
	if policy.GetNamespace() != "" {
		call = namespaced
	}
	params := httprouter.Params{{Key: "policies", Value: "/" + policy.GetName()}}
	ctx := context.WithValue(context.Background(), httprouter.ParamsKey, params)
	response := call(ctx, logr.Discard(), r.admission(), "", time.Time{})
	result := told()
	result.Allowed, result.Warnings = response.Allowed, response.Warnings
	if response.Result != nil {
		result.Message = response.Result.Message
	}
	return result
}
