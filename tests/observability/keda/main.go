// KEDA's aws-cloudwatch scaler, asked once with the first trigger of the ScaledObject on standard input, as KEDA's operator would:
// prints the answer and the target for each pod, in thousandths.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	"github.com/kedacore/keda/v2/pkg/scalers/scalersconfig"

	"keda/scalers"
)

func main() {
	var object v1alpha1.ScaledObject
	check(json.NewDecoder(os.Stdin).Decode(&object))
	trigger := object.Spec.Triggers[0]
	scaler, err := scalers.NewAwsCloudwatchScaler(context.Background(), &scalersconfig.ScalerConfig{
		TriggerMetadata: trigger.Metadata,
		MetricType:      trigger.MetricType,
		PodIdentity:     v1alpha1.AuthPodIdentity{Provider: v1alpha1.PodIdentityProviderAws},
	})
	check(err)
	values, _, err := scaler.GetMetricsAndActivity(context.Background(), "requests")
	check(err)
	target := scaler.GetMetricSpecForScaling(context.Background())[0].External.Target
	fmt.Println(values[0].Value.MilliValue(), target.AverageValue.MilliValue())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
