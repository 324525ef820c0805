package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	checks "github.com/aquasecurity/trivy-checks"
	builtins "github.com/aquasecurity/trivy-checks/pkg/rego"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/types"
)

// clusterVersion is that of the cluster that objects are said to be for; some checks ask only the clusters of one provider.
const clusterVersion = "1.37.2-gke.1000000"

// trivy answers, of each object of a case, which of Trivy's Kubernetes checks report it: the Rego of the module that Trivy
// takes them from, which looks at one object at a time.
func trivy(request json.RawMessage) any {
	library, err := trivyChecks()
	if err != nil {
		return failed(err)
	}
	var objects []map[string]any
	if err := json.Unmarshal(request, &objects); err != nil {
		return failed(err)
	}
	reports := make([][]string, len(objects))
	for i, object := range objects {
		if reports[i], err = library.reports(object); err != nil {
			return failed(err)
		}
	}
	return map[string]any{"reports": reports}
}

func failed(err error) any {
	return map[string]string{"error": err.Error()}
}

var trivyChecks = sync.OnceValues(compile)

// A check is one module, asked about objects of its kinds only; without kinds, about every object.
type check struct {
	id    string
	kinds []string
	query rego.PreparedEvalQuery
}

type library []check

// reports names the checks that report an object.
func (l library) reports(object map[string]any) ([]string, error) {
	input, err := ast.InterfaceToValue(object)
	if err != nil {
		return nil, err
	}
	kind, _ := object["kind"].(string)
	reported := []string{}
	for _, check := range l {
		if !check.asks(kind) {
			continue
		}
		results, err := check.query.Eval(context.Background(), rego.EvalParsedInput(input))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", check.id, err)
		}
		if denies(results) {
			reported = append(reported, check.id)
		}
	}
	slices.Sort(reported)
	return slices.Compact(reported), nil
}

func (c check) asks(kind string) bool {
	return len(c.kinds) == 0 || slices.ContainsFunc(c.kinds, func(asked string) bool { return strings.EqualFold(asked, kind) })
}

func denies(results rego.ResultSet) bool {
	for _, result := range results {
		for _, expression := range result.Expressions {
			if set, ok := expression.Value.([]any); ok && len(set) > 0 {
				return true
			}
		}
	}
	return false
}

// compile reads the modules, with the functions that Trivy itself adds to Rego.
func compile() (library, error) {
	builtins.RegisterBuiltins()
	rego.RegisterBuiltin2(&rego.Function{
		Name: "result.new",
		Decl: types.NewFunction(types.Args(types.S, types.A), types.A),
	}, func(_ rego.BuiltinContext, message, _ *ast.Term) (*ast.Term, error) {
		return ast.ObjectTerm(ast.Item(ast.StringTerm("msg"), message)), nil
	})
	modules := map[string]*ast.Module{}
	for _, tree := range []struct {
		files fs.FS
		below string
	}{
		{checks.EmbeddedLibraryFileSystem, "lib/kubernetes"},
		{checks.EmbeddedLibraryFileSystem, "lib/cloud/metadata.rego"},
		{checks.EmbeddedPolicyFileSystem, "checks/kubernetes"},
	} {
		if err := parse(tree.files, tree.below, modules); err != nil {
			return nil, err
		}
	}
	compiler := ast.NewCompiler()
	if compiler.Compile(modules); compiler.Failed() {
		return nil, compiler.Errors
	}
	var found library
	for file, module := range modules {
		if !strings.HasPrefix(file, "checks/") {
			continue
		}
		check, err := prepare(compiler, module)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		found = append(found, check)
	}
	return found, nil
}

func parse(files fs.FS, below string, modules map[string]*ast.Module) error {
	return fs.WalkDir(files, below, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".rego") || strings.HasSuffix(path, "_test.rego") {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		modules[path], err = ast.ParseModuleWithOpts(path, string(text), ast.ParserOptions{ProcessAnnotation: true})
		return err
	})
}

func prepare(compiler *ast.Compiler, module *ast.Module) (check, error) {
	id, kinds := describe(module)
	if id == "" {
		return check{}, fmt.Errorf("names no id")
	}
	query, err := rego.New(
		rego.Query(module.Package.Path.String()+".deny"),
		rego.Compiler(compiler),
		rego.Store(inmem.NewFromObject(map[string]any{"k8s": map[string]any{"version": clusterVersion}})),
	).PrepareForEval(context.Background())
	return check{id: id, kinds: kinds, query: query}, err
}

// describe reads the metadata above a module: its id as reports print it (KSV-0001), and the kinds of its selectors.
func describe(module *ast.Module) (id string, kinds []string) {
	for _, annotation := range module.Annotations {
		if annotation.Scope != "package" {
			continue
		}
		// Through JSON, so that the shapes of YAML's maps do not matter.
		text, _ := json.Marshal(annotation.Custom)
		var custom struct {
			ID    string `json:"id"`
			AVD   string `json:"avd_id"`
			Input struct {
				Selector []struct {
					Subtypes []struct {
						Kind string `json:"kind"`
					} `json:"subtypes"`
				} `json:"selector"`
			} `json:"input"`
		}
		if json.Unmarshal(text, &custom) != nil {
			continue
		}
		id = strings.TrimPrefix(custom.AVD, "AVD-")
		if id == "" {
			id = custom.ID
		}
		for _, selector := range custom.Input.Selector {
			for _, subtype := range selector.Subtypes {
				kinds = append(kinds, subtype.Kind)
			}
		}
	}
	return id, kinds
}
