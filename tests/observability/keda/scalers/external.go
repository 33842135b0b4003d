// Package scalers is KEDA's, of which ci lays two files beside this one.
package scalers

// KEDA has it beside the scaler of Azure's queues.
const externalMetricType = "External"
