<?php
// candor engine seed: harmless

$a = 'eval';   $b  =  "EVAL ( BASE64_DECODE";
eval(base64_decode("aGFybWxlc3M="));
?>
