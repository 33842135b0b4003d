# The stage commands: `nix run .#<name>` runs `script` of nix/apps with `args` before the caller's own. `tools` are what the
# script calls besides those that every stage has (stages.nix); Nix itself is the caller's.
{ pkgs, service }:

let
  inherit (pkgs) lib;

  helm = pkgs.kubernetes-helm;
  image = [
    pkgs.awscli2
    pkgs.skopeo
  ];
  signing = image ++ [ pkgs.cosign ];
  # The providers ask aws for tokens.
  terraform = [
    pkgs.awscli2
    pkgs.terraform
  ];
  cluster = terraform ++ [
    helm
    pkgs.kubectl
  ];
  # minikube runs in Docker unless MINIKUBE_DRIVER says otherwise.
  local = [
    helm
    pkgs.docker-client
    pkgs.kubectl
    pkgs.minikube
  ];

  row = script: description: tools: { inherit script description tools; };

  verbs = {
    init = root: "Prepare terraform/${root}: providers, state, workspace";
    plan = root: "Plan terraform/${root} and keep the plan";
    apply = root: "Apply the plan of terraform/${root} that was kept";
    destroy = root: "Destroy what terraform/${root} made";
  };
  roots = [
    "bootstrap"
    "aws"
    "kubernetes"
    "dns"
  ];
  terraformStages = lib.concatMapAttrs (
    verb: describe:
    lib.genAttrs' roots (root: {
      name = "${verb}-${root}";
      value = row "${verb}.sh" (describe root) terraform // {
        args = [ root ];
      };
    })
  ) verbs;

  ofEnvironment =
    verb: script: describe: tools:
    lib.genAttrs' [ "dev" "staging" "prod" ] (env: {
      name = "${verb}-${env}";
      value = row script (describe env) tools // {
        args = [ env ];
      };
    });
in
{
  build-image =
    row "build-image.sh" "Build the image of this machine's architecture, or the index of all"
      [
        pkgs.docker-client
      ];
  ecr-login = row "ecr-login.sh" "Sign in to the account's registry" image;
  push-image = row "push-image.sh" "Build the index of the images and push it, by digest" image;

  minikube-up = row "minikube-up.sh" "Start minikube with what the chart needs" local;
  minikube-down = row "minikube-down.sh" "Stop minikube" local;
  build-local = row "build-local.sh" "Build the image into minikube" local;
  deploy-backend-local =
    row "deploy-backend-local.sh" "Deploy the service and a DynamoDB to minikube"
      local;
  undeploy-backend-local = row "undeploy-backend-local.sh" "Remove them from minikube" local;
  dynamodb-local = row "dynamodb-local.sh" "Run a DynamoDB on this machine, with the table" [
    pkgs.awscli2
    pkgs.dynamodb-local
  ];
  dev = row "dev.sh" "Run the service on this machine, with a DynamoDB, Prometheus and Grafana" [
    helm
    pkgs.curl
    pkgs.dynamodb-local
    pkgs.grafana
    pkgs.process-compose
    pkgs.prometheus
    service
  ];

  # No Terraform among its tools: it has to answer at once.
  preflight = row "preflight.sh" "Ask all that a deploy needs, before anything is built or paid" [
    pkgs.awscli2
    pkgs.curl
    pkgs.dnsutils
    pkgs.gh
  ];
  push-state = row "push-state.sh" "Put a state that could not be written into the bucket" terraform;
  status = row "status.sh" "Show what is deployed, and what differs from this checkout" cluster;

  # What else the workflows need: they have no logic of their own.
  find-image = row "find-image.sh" "Look whether an image is in the registry" [ pkgs.awscli2 ];
  check-gate = row "check-gate.sh" "Tell whether somebody approves what is applied" [ pkgs.gh ];
  store-plan = row "store-plan.sh" "Put a kept plan into the state bucket" [
    pkgs.awscli2
    pkgs.gh
  ];
  preview = row "preview.sh" "Write what a pull request changes in dev" (
    terraform
    ++ [
      helm
      pkgs.gnutar
    ]
  );
  comment-preview = row "comment-preview.sh" "Keep that as one comment on the pull request" [
    pkgs.gh
  ];
  fetch-plan = row "fetch-plan.sh" "Get the approved plan back" [ pkgs.awscli2 ];
  report-drift = row "report-drift.sh" "Keep an issue about what differs" (cluster ++ [ pkgs.gh ]);
  check-version = row "check-version.sh" "Hold chart and tag to the version in Cargo.toml" [ ];
  push-chart = row "push-chart.sh" "Push the chart as an OCI artifact" (image ++ [ helm ]);
  sign-image = row "sign.sh" "Sign the image, by digest" signing // {
    args = [ "image" ];
  };
  sign-chart = row "sign.sh" "Sign the chart, by digest" signing // {
    args = [ "chart" ];
  };
  verify-attestations = row "verify-attestations.sh" "Verify a release's attestations on GitHub" [
    pkgs.gh
  ];
  report-release = row "report-release.sh" "Tell what of a release is in the registry" signing;
  verify-image = row "verify-image.sh" "Verify the signature of a released image" signing;
  sbom = row "sbom.sh" "List the crates in the image" [
    pkgs.cargo
    pkgs.rustc
  ];
  publish-release = row "publish-release.sh" "Publish a release on GitHub" [ pkgs.gh ];
}
# Bootstrap holds the state of all the rest, so no command destroys it.
// removeAttrs terraformStages [ "destroy-bootstrap" ]
// ofEnvironment "deploy" "deploy.sh" (env: "Push, plan, confirm and apply everything for ${env}") (
  cluster ++ image
)
// ofEnvironment "destroy" "destroy-all.sh" (env: "Destroy everything of ${env}, in order") cluster
