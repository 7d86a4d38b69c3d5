"""In which module below `rules/` the rule of a class stands, so that a conversion imports those alone that it asks for.

A rule names its classes itself; `tests/rules/test_registry.py` compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

BY_MODULE: Mapping[str, str] = {
    "activations.activation": "Activation",
    "activations.advanced_activations": "LeakyReLU PReLU ELU ReLU ThresholdedReLU Softmax",
    "attention.attention": "Attention AdditiveAttention",
    "attention.multi_head": "MultiHeadAttention",
    "conv.conv": "Conv1D Conv2D Conv3D Convolution1D Convolution2D Convolution3D",
    "conv.locally_connected": "LocallyConnected1D LocallyConnected2D",
    "conv.separable": (
        "DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D"
    ),
    "conv.transpose": (
        "Conv1DTranspose Conv2DTranspose Conv3DTranspose Deconvolution2D Deconvolution3D Convolution1DTranspose "
        "Convolution2DTranspose Convolution3DTranspose"
    ),
    "core.core": (
        "Dense Embedding Masking Flatten Reshape Permute RepeatVector ActivityRegularization Identity Layer AddLoss "
        "AddMetric EinsumDense"
    ),
    "core.inputs": "InputLayer Input",
    "core.lambda_": "Lambda",
    "core.tf_ops": "TFOpLambda SlicingOpLambda InstanceProperty InstanceMethod ClassMethod TensorFlowOpLayer",
    "experimental.kernelized": "RandomFourierFeatures",
    "experimental.premade": "LinearModel WideDeepModel",
    "keras1.layers": "Merge Highway MaxoutDense",
    "merging.merging": (
        "Add Subtract Multiply Average Maximum Minimum add subtract multiply average maximum minimum Concatenate "
        "concatenate Dot dot"
    ),
    "normalization.normalization": (
        "BatchNormalization BatchNormalizationV1 BatchNormalizationV2 SyncBatchNormalization LayerNormalization "
        "GroupNormalization UnitNormalization Normalization"
    ),
    "normalization.spectral": "SpectralNormalization",
    "pooling.pooling": (
        "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D MaxPool1D "
        "MaxPool2D MaxPool3D AvgPool1D AvgPool2D AvgPool3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D "
        "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPool1D GlobalMaxPool2D "
        "GlobalMaxPool3D GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D ZeroPadding1D ZeroPadding2D ZeroPadding3D "
        "Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling3D UpSampling2D"
    ),
    "preprocessing.arithmetic": "Rescaling",
    "preprocessing.categories": "CategoryEncoding Discretization Hashing HashedCrossing",
    "preprocessing.feature_columns": "DenseFeatures",
    "preprocessing.images": (
        "Resizing CenterCrop RandomCrop RandomFlip RandomRotation RandomTranslation RandomZoom RandomContrast "
        "RandomBrightness RandomHeight RandomWidth"
    ),
    "preprocessing.lookup": "StringLookup IntegerLookup IndexLookup TextVectorization",
    "refused": (
        "CategoryCrossing SequenceFeatures FeatureSpace DynamicEmbedding DynamicLookup ConvLSTMCell ConvLSTM1DCell "
        "ConvLSTM2DCell ConvLSTM3DCell BasicLSTMCell MultiRNNCell SReLU ParametricSoftplus ModuleWrapper "
        "SharpnessAwareMinimization Wrapper AbstractRNNCell BaseRandomLayer PreprocessingLayer"
    ),
    "regularization.noise": (
        "Dropout AlphaDropout GaussianDropout GaussianNoise SpatialDropout1D SpatialDropout2D SpatialDropout3D"
    ),
    "rnn.bidirectional": "Bidirectional",
    "rnn.cell_wrappers": "DeviceWrapper DropoutWrapper ResidualWrapper",
    "rnn.conv_lstm": "ConvLSTM1D ConvLSTM2D ConvLSTM3D",
    "rnn.recurrent": (
        "LSTM GRU SimpleRNN CuDNNLSTM CuDNNGRU LSTMV1 LSTMV2 GRUV1 GRUV2 RNN LSTMCell GRUCell SimpleRNNCell "
        "LSTMCellV1 LSTMCellV2 GRUCellV1 GRUCellV2 PeepholeLSTMCell StackedRNNCells"
    ),
    "third_party.addons": (
        "Addons>GroupNormalization Addons>InstanceNormalization Addons>SpectralNormalization Addons>WeightNormalization"
    ),
    "third_party.capsnet": "capsnet>CapsuleLayer capsnet>Length capsnet>Mask",
    "third_party.context_attention": "cbaziotis>AttentionWithContext cbaziotis>Attention",
    "third_party.kapre": "kapre>Spectrogram kapre>Melspectrogram",
    "third_party.keras_bert.attention": "keras_bert>MultiHeadAttention keras_bert>FeedForward",
    "third_party.keras_bert.positions": "keras_bert>PositionEmbedding keras_bert>TrigPosEmbedding",
    "third_party.keras_bert.small": "keras_bert>Extract keras_bert>Masked keras_bert>MaskedGlobalMaxPool1D",
    "third_party.keras_bert.tables": (
        "keras_bert>EmbeddingRet keras_bert>TokenEmbedding keras_bert>EmbeddingSim keras_bert>EmbeddingSimilarity "
        "keras_bert>TaskEmbedding"
    ),
    "third_party.keras_contrib": "keras_contrib>InstanceNormalization keras_contrib>GroupNormalization",
    "third_party.keras_tcn": "TCN Custom>TCN tcn.tcn>TCN",
    "third_party.mask_rcnn": "mask_rcnn>BatchNorm",
    "third_party.nn_playground": (
        "nn_playground>BinaryDense nn_playground>BinaryConv2D nn_playground>TernaryDense nn_playground>TernaryConv2D"
    ),
    "third_party.pruning": "PruneLowMagnitude Custom>PruneLowMagnitude",
    "third_party.qkeras.layers": (
        "QDense QConv1D QConv2D QConv2DTranspose QDepthwiseConv2D QBatchNormalization QActivation"
    ),
    "third_party.seq_self_attention": "SeqSelfAttention Custom>SeqSelfAttention",
    "third_party.sincnet": "sincnet>SincConv1D",
    "third_party.small": (
        "Bias SqueezeLayer FixedDropout CustomScaleLayer Custom>CustomScaleLayer LayerScale Custom>LayerScale "
        "StochasticDepth Custom>StochasticDepth"
    ),
    "third_party.weighted_average": "AttentionWeightedAverage Custom>AttentionWeightedAverage",
    "wrappers.wrappers": "TimeDistributed",
}
MODULES: Mapping[str, str] = MappingProxyType(
    {name: module for module, names in BY_MODULE.items() for name in names.split()}
)
