# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "6.52.0"
  constraints = "~> 6.34"
  hashes = [
    "h1:5J8niGCKi58HYnIipbySiUGBPi0Kk3QWVsKeylL4Gg0=",
    "h1:7unoMG8uMIcL1FNbh1AU7DCn10GCPlXo2YNZQxzdYp0=",
    "h1:8m5zm0JaUac+YikXZoZDTV7R0iYL+q3IvTL4Ac8GfDA=",
    "h1:Dg9X3Gde96OCT3TovLKAKumnR64VqIIQ37m/9NRJ00Y=",
    "h1:F1r7mTJ289EBvU7Z7XAvWMHUt3VJ3zSFH8SUjLPFiqM=",
    "h1:PR3f53syHcJT5ZL/IO5OqqpNywpyO84dBOZWlrO3aRc=",
    "h1:RNg+adVBsSF69mUdLKMDPIVk3apmShgvr+fcURekgy4=",
    "h1:RcT2e/pUXYE+MUTBM1C6fk3ZjrIKD+FZ3EFo421MBG8=",
    "h1:cRUoe22ZptWGu0/ArK5z81GWqnI8hCPncaybY/FzzME=",
    "h1:iXIFHX6zIvG0hoEi1fImeuHG9V4JOop6O6L6f+MOL2c=",
    "h1:l0ofkquPznI9lOxbTDTpKwaw5i6y30B1ch8dciaWfVw=",
    "h1:lpXqosKH8yAahK3SA1P5Pdy1ziXJcY+blUidY0q9yGk=",
    "h1:msRt1T35r4xLQsz+WGZcS2jdcTW+At53/aA3c3DgUyI=",
    "h1:vZDL9I0RruBSMtURQpCrVafx8O47hqez4Hu+u5FHJWI=",
    "h1:z8XFWTZdoHy2dYJrIfIWazcBpl3Czjh9bPnuVG6O3RQ=",
    "zh:1ab1d78f2336fed42b4e13fa0077a0be9d86a7899897cda5b9f1a60051ec2e93",
    "zh:1df11f5f252030803939a1c778931dbdcee1b1070b38b98d9a8cbfc26c2aeb8e",
    "zh:20ec9af03c0c1f2f8582a8805d43a4cd1a0a65082308e00f025d87605715a88f",
    "zh:2d5562ed0e7cb0892fb537c7989d25fdde1d0ac1f3a768ba15fa087985f2a0f5",
    "zh:40d64f668961a172355c3d11d258e19172ffafb421c40d89266b129ed8f92a5d",
    "zh:497792bccc33001247473bc32a148c067982cb3d245b8f3610afb920635d2235",
    "zh:8011f9167082af74ed9257582a83d54e889388656597721b2691797f1dd6fb58",
    "zh:8b10d1bbca51b0da1e1be0967ce75b039f2d5d86f2ca7339994a92d35cdf47a8",
    "zh:9549647dbf7c913512c26fed6badd7bf24a29a36c2bd308536849303a85427da",
    "zh:97c4b726cdbe48166f4b9e6a1230312a7933dc19dd139d941ca6aca86706eb33",
    "zh:9b12af85486a96aedd8d7984b0ff811a4b42e3d88dad1a3fb4c0b580d04fa425",
    "zh:a484bc8166278b546bfe53698fa9e0a919dffe3bfda3c8bf8a0fc6811b5b9e66",
    "zh:aa96e76bd9f93e5395a553fccec485554a74acae46b3834b1296374eba4f010f",
    "zh:cf290ee3d0dfe91b596445f860440d9f18826f7395ff785f83f70d36cedadd1c",
    "zh:d56b6a79207663673f66d9ed378d705c1bd1b4d117eeb5e2be3938cf1b75b7be",
    "zh:febef068317f8e49bd438ccdf2f54345fc3bc4b80a2699d9ab3c449d7e521d8e",
  ]
}
