// Prints the Prometheus configuration that the Prometheus operator's own code makes of a ServiceMonitor.
//
// Usage: operator VERSION < servicemonitor.json, the version being Prometheus's. OVERRIDE_HONOR_LABELS=true is the setting
// of that name of the Prometheus resource.
package main

import (
	"encoding/json"
	"log"
	"os"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus-operator/prometheus-operator/pkg/assets"
	"github.com/prometheus-operator/prometheus-operator/pkg/prometheus"
)

func main() {
	var monitor monitoringv1.ServiceMonitor
	if err := json.NewDecoder(os.Stdin).Decode(&monitor); err != nil {
		log.Fatal(err)
	}
	resource := &monitoringv1.Prometheus{}
	resource.Name, resource.Namespace = "prometheus", "monitoring"
	resource.Spec.Version = os.Args[1]
	resource.Spec.OverrideHonorLabels = os.Getenv("OVERRIDE_HONOR_LABELS") == "true"
	generator, err := prometheus.NewConfigGenerator(nil, resource)
	if err != nil {
		log.Fatal(err)
	}
	monitors := map[string]*monitoringv1.ServiceMonitor{monitor.Namespace + "/" + monitor.Name: &monitor}
	store := assets.NewTestStoreBuilder()
	configuration, err := generator.GenerateServerConfiguration(resource, monitors, nil, nil, nil, store, nil, nil, nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stdout.Write(configuration); err != nil {
		log.Fatal(err)
	}
}
