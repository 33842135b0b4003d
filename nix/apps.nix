# The stage commands: `nix run .#<name>` runs `script` of nix/apps with `args` before the caller's own. `tools` are what the
# script calls besides those that every stage has (stages.nix); Nix itself is the caller's.
{ pkgs }:

let
  inherit (pkgs) lib;

  helm = pkgs.kubernetes-helm;
  image = [
    pkgs.awscli2
    pkgs.skopeo
  ];
  # The providers ask aws for tokens.
  terraform = [
    pkgs.awscli2
    pkgs.terraform
  ];
  cluster = terraform ++ [
    helm
    pkgs.kubectl
  ];
  local = [
    helm
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
      value = row "terraform.sh" (describe root) terraform // {
        args = [
          verb
          root
        ];
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

  status = row "status.sh" "Show what is deployed, and what differs from this checkout" cluster;
}
# Bootstrap holds the state of all the rest, so no command destroys it.
// removeAttrs terraformStages [ "destroy-bootstrap" ]
// ofEnvironment "deploy" "deploy.sh" (env: "Push, plan, confirm and apply everything for ${env}") (
  cluster ++ image
)
// ofEnvironment "destroy" "destroy.sh" (env: "Destroy everything of ${env}, in order") cluster
