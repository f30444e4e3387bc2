package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"go.yaml.in/yaml/v3"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// types are the objects that are known here, each by what a manifest calls it.
var types = map[string]func() meta.Object{
	"v1 Namespace":                            func() meta.Object { return &core.Namespace{} },
	"v1 ServiceAccount":                       func() meta.Object { return &core.ServiceAccount{} },
	"v1 Service":                              func() meta.Object { return &core.Service{} },
	"v1 ConfigMap":                            func() meta.Object { return &core.ConfigMap{} },
	"v1 Secret":                               func() meta.Object { return &core.Secret{} },
	"apps/v1 Deployment":                      func() meta.Object { return &apps.Deployment{} },
	"batch/v1 CronJob":                        func() meta.Object { return &batch.CronJob{} },
	"policy/v1 PodDisruptionBudget":           func() meta.Object { return &policy.PodDisruptionBudget{} },
	"networking.k8s.io/v1 NetworkPolicy":      func() meta.Object { return &networking.NetworkPolicy{} },
	"monitoring.coreos.com/v1 ServiceMonitor": func() meta.Object { return &monitoring.ServiceMonitor{} },
	"monitoring.coreos.com/v1 PrometheusRule": func() meta.Object { return &monitoring.PrometheusRule{} },
}

// checkFolder builds a kustomization and checks what comes of it.
func checkFolder(path string) (told string, err error) {
	if err := checkKeys(filepath.Dir(filepath.Clean(path))); err != nil {
		return "", err
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), path)
	if err != nil {
		return "", err
	}
	var all []meta.Object
	var faults []error
	for _, r := range built.Resources() {
		kind := r.GetApiVersion() + " " + r.GetKind()
		made, known := types[kind]
		if !known {
			faults = append(faults, fmt.Errorf("%s %s: is of a kind that this check does not know; add it to types", kind, r.GetName()))
			continue
		}
		data, err := r.MarshalJSON()
		if err != nil {
			return "", err
		}
		o := made()
		unknown, err := json.UnmarshalStrict(data, o)
		for _, fault := range append(unknown, err) {
			if fault != nil {
				faults = append(faults, fmt.Errorf("%s %s: %w", kind, r.GetName(), fault))
			}
		}
		all = append(all, o)
	}
	faults = append(faults, fit(all)...)
	if err := errors.Join(faults...); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d objects, each as the API's types have it", len(all)), nil
}

// checkKeys finds doubled keys, which kustomize takes and forgets: in every YAML file
// of a folder and those below it.
func checkKeys(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var any map[string]any // doubled keys are faults in this
		if err := yaml.Unmarshal(data, &any); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}
