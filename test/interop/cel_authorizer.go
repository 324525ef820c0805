package main

import (
	"context"
	"errors"
	"strings"

	"github.com/google/cel-go/common/types/ref"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/cel/library"
)

// celAuthorizer answers authorization checks from a table.
type celAuthorizer struct {
	User     string      `json:"user"`
	Groups   []string    `json:"groups"`
	Resource celResource `json:"resource"`
	// Answers by the key of the check, see checkKey. What is not listed gets no opinion.
	Answers map[string]celDecision `json:"answers"`
}

// celResource is the resource of the request, for authorizer.requestResource.
type celResource struct {
	Group       string `json:"group"`
	Version     string `json:"version"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
}

type celDecision struct {
	Decision string `json:"decision"`
	Reason   string `json:"reason"`
	Error    string `json:"error"`
}

func (a *celAuthorizer) userInfo() user.Info {
	return &user.DefaultInfo{Name: a.User, Groups: a.Groups}
}

func (a *celAuthorizer) value() ref.Val {
	return library.NewAuthorizerVal(a.userInfo(), a)
}

func (a *celAuthorizer) requestResourceValue() ref.Val {
	return library.NewResourceAuthorizerVal(a.userInfo(), a, a.Resource)
}

// Authorize implements authorizer.UnconditionalAuthorizer.
func (a *celAuthorizer) Authorize(_ context.Context, check authorizer.Attributes) (authorizer.Decision, string, error) {
	answer, found := a.Answers[checkKey(check)]
	if !found {
		return authorizer.DecisionNoOpinion, "", nil
	}
	var err error
	if answer.Error != "" {
		err = errors.New(answer.Error)
	}
	switch answer.Decision {
	case "allow":
		return authorizer.DecisionAllow, answer.Reason, err
	case "deny":
		return authorizer.DecisionDeny, answer.Reason, err
	default:
		return authorizer.DecisionNoOpinion, answer.Reason, err
	}
}

// checkKey: "user verb /path" or "user verb group/resource/subresource namespace/name". Selectors are not part of it.
func checkKey(check authorizer.Attributes) string {
	prefix := check.GetUser().GetName() + " " + check.GetVerb() + " "
	if !check.IsResourceRequest() {
		return prefix + check.GetPath()
	}
	return prefix + strings.Join([]string{check.GetAPIGroup(), check.GetResource(), check.GetSubresource()}, "/") +
		" " + check.GetNamespace() + "/" + check.GetName()
}

func (r celResource) GetName() string        { return r.Name }
func (r celResource) GetNamespace() string   { return r.Namespace }
func (r celResource) GetSubresource() string { return r.Subresource }
func (r celResource) GetResource() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Resource}
}
